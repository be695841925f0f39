"""A figure is worth something only if the work was done: otherwise the run stops."""

from keep4o_site.stack.trouble import Trouble


def insist(is_so: bool, otherwise: str) -> None:
    """This function will raise Trouble, saying why there is no measurement, unless something is so."""
    if not is_so:
        raise Trouble(f"This is no measurement: {otherwise}.")
