"""How a name is built, without saying it: programs make many names of one shape. Plain Python."""

from itertools import groupby

SHAPE_MAX_CHARS = 20


def name_shape(name: str) -> str:
    """This function will reduce a name to its shape, runs as one sign: "Ada Lovelace" → "Aa Aa", "user4711" → "a9"."""
    return "".join(sign for sign, _run in groupby(_class_of(sign) for sign in name))[:SHAPE_MAX_CHARS].strip()


def _class_of(sign: str) -> str:
    if sign.isspace():
        return " "
    if sign.isnumeric():
        return "9"
    if sign.isalpha():
        return "A" if sign.isupper() else "a"
    return "."
