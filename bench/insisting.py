"""A figure is worth something only if the work was done: otherwise the run stops."""

from bench.pace import CLIENTS
from keep4o_site.stack.trouble import Trouble


def insist(is_so: bool, otherwise: str) -> None:
    """This function will raise Trouble, saying why there is no measurement, unless something is so."""
    if not is_so:
        raise Trouble(f"This is no measurement: {otherwise}.")


def insist_on_rows(*, written: int, answered: int, what: str) -> None:
    """
    This function will raise Trouble unless everything that was answered was written, and nothing beside it.

    The load that went before may have left as many requests under way as it had connections.
    """
    insist(answered <= written <= answered + 2 * CLIENTS, f"{answered} {what} answered, {written} written")
