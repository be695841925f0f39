"""How a name is built, without saying it: programs make many names of one shape. Plain Python."""

from functools import lru_cache
from itertools import groupby

SHAPE_MAX_CHARS = 20


def name_shape(name: str) -> str:
    """This function will reduce a name to its shape, runs as one sign: "Ada Lovelace" → "Aa Aa", "user4711" → "a9"."""
    return "".join(sign for sign, _run in groupby(map(_class_of, name)))[:SHAPE_MAX_CHARS].strip()


@lru_cache(maxsize=4096)  # the signs of most names
def _class_of(sign: str) -> str:
    if sign.isspace():
        return " "
    if sign.isnumeric():
        return "9"
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    return "."
