"""Real requests to the site's own code in this process, to take down what they ask of the database."""

from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qsl

from django.test import Client

from bench import filling
from bench.capture import Statement, statements_of
from keep4o_site.stack.ports import HOST
from keep4o_site.stack.trouble import Trouble


def sign(*, address: str, carried: str) -> None:
    """This function will sign as a browser does; raises Trouble unless it was taken."""
    form = {"name": "Ada Lovelace", "country": "FR", "email": address, **dict(parse_qsl(carried))}
    _post(filling.SIGN_PATH, form)


def prove(*, link: str) -> None:
    """This function will press the button behind a link."""
    _post(link, {"name": "Ada Lovelace", "country": "FR"})


def statements_of_signing(*, prefix: str, carried: str) -> tuple[list[Statement], list[Statement]]:
    """This function will return what two people's signing asks, once the process knows what it keeps in memory."""
    addresses = [f"{prefix}n{number}@m{number}.example.org" for number in range(4)]
    taken = [statements_of(partial(sign, address=address, carried=carried)) for address in addresses]
    return taken[-2], taken[-1]


def statements_of_proving(links: Sequence[str]) -> tuple[list[Statement], list[Statement]]:
    """This function will return what the last two of some links' proofs ask."""
    taken = [statements_of(partial(prove, link=link)) for link in links]
    return taken[-2], taken[-1]


def _post(path: str, form: dict[str, str]) -> None:
    answer = Client(SERVER_NAME=HOST).post(path, form)
    if answer.status_code != HTTPStatus.SEE_OTHER:
        raise Trouble(f"The site answered {answer.status_code} to a request of the bench.")
