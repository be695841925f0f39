"""What the links in our mails say, and where they lead. They are signed and need no column of their own."""

import re
from binascii import a2b_base64, b2a_base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.tokens import BadToken, make_token, open_token
from petitions.models import Milestone, Petition
from petitions.queries.texts import petition_title

PROOF_PURPOSE = "verify-signature"
MY_SIGNATURE_PURPOSE = "my-signature"
NEWS_PURPOSE = "end-news"
CLOCK_TOLERANCE = timedelta(days=1)  # between the clocks of two servers, or of one before and after it was set
# Enough of the digest that no two signers of a petition share it by chance, little enough for one line of a mail.
_DIGEST_PREFIX_BYTES = 9
# Marks the place of an argument in a path: no path of ours says so by itself, and any converter takes it.
_STANDS_FOR = {"slug": "9071990", "token": "9071991", "threshold": "9071992"}
_NUMBER_IN_FRONT = re.compile(r"([1-9][0-9]{0,17})\.", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ProofLink:
    """
    What a genuine link to prove an attempt says: which one, whose, and since when.

    Whoever holds one proves by it: open_proof_link alone makes it, of a token whose signature is ours.
    """

    petition_id: int
    attempt_id: int
    digest_prefix: bytes
    made_at: datetime

    def is_of(self, digest: bytes) -> bool:
        return digest.startswith(self.digest_prefix)

    def is_expired(self, *, now: datetime, lifetime: timedelta) -> bool:
        """One from further in the future was made while a clock was wrong, and would else live until then."""
        return not -CLOCK_TOLERANCE <= now - self.made_at <= lifetime


class Provable(Protocol):
    """What a link says of the attempt that it proves: of a row, or of one that is about to be written."""

    @property
    def pk(self) -> int | None: ...

    @property
    def petition_id(self) -> int: ...

    @property
    def identity_digest(self) -> bytes | memoryview: ...


def proof_token(*, attempt: Provable, now: datetime) -> str:
    """This function will sign the link that proves an attempt."""
    prefix = b2a_base64(bytes(attempt.identity_digest)[:_DIGEST_PREFIX_BYTES], newline=False).decode()
    prefix = prefix.replace("+", "-").replace("/", "_")
    return make_token(purpose=PROOF_PURPOSE, fields=(str(attempt.petition_id), str(attempt.pk), prefix), now=now)


def open_proof_link(*, token: str, now: datetime) -> ProofLink:
    """This function will read a link of any age; raises BadToken if it was cut, altered or made for something else."""
    opened = open_token(purpose=PROOF_PURPOSE, token=token, max_age=None, now=now)
    try:
        petition_id, attempt_id, prefix = opened.fields
        return ProofLink(
            petition_id=int(petition_id),
            attempt_id=int(attempt_id),
            digest_prefix=a2b_base64(prefix.replace("-", "+").replace("_", "/")),
            made_at=opened.made_at,
        )
    except ValueError as error:
        raise BadToken("not a link that proves a signature") from error


@dataclass(frozen=True, kw_only=True)
class NamedPetition:
    """A petition with its title for one reader."""

    petition: Petition
    title: str


def petition_of_cut_link(*, token: str, language: str) -> NamedPetition | None:
    """
    This function will find the petition that a broken link seems to be for: its number comes first.

    Nothing of such a link can be trusted; it may at most lead back to what everybody may see.
    """
    number = _NUMBER_IN_FRONT.match(token)
    petition = Petition.objects.published().filter(pk=int(number[1])).first() if number else None
    if petition is None:
        return None
    return NamedPetition(petition=petition, title=petition_title(petition=petition, language=language))


def my_signature_token(*, signature_id: int, now: datetime) -> str:
    """This function will sign the link by which a supporter sees and leaves; it lives as long as the signature."""
    return make_token(purpose=MY_SIGNATURE_PURPOSE, fields=(str(signature_id),), now=now)


def open_my_signature_token(*, token: str, now: datetime) -> int:
    """This function will read the id of the signature that a link is for; raises BadToken."""
    return _open_signature_token(purpose=MY_SIGNATURE_PURPOSE, token=token, now=now)


def news_token(*, signature_id: int, now: datetime) -> str:
    """This function will sign the link that ends the news, and can do nothing else: mail providers keep and use it."""
    return make_token(purpose=NEWS_PURPOSE, fields=(str(signature_id),), now=now)


def open_news_token(*, token: str, now: datetime) -> int:
    """This function will read the id of the signature whose news a link ends; raises BadToken."""
    return _open_signature_token(purpose=NEWS_PURPOSE, token=token, now=now)


def _open_signature_token(*, purpose: str, token: str, now: datetime) -> int:
    opened = open_token(purpose=purpose, token=token, max_age=None, now=now)
    try:
        (signature_id,) = opened.fields
        return int(signature_id)
    except ValueError as error:
        raise BadToken("not a link to a signature") from error


def absolute_url(*, view: str, language: str, **arguments: str) -> str:
    """
    This function will name a public page with the site's address, in its reader's language, for a mail.

    Args: arguments: of its path, safe in it as they are: slugs, tokens and numbers.
    """
    path: str = settings.SITE_URL + _path_shape(view, language, *arguments)
    return path.format(**arguments)


@lru_cache(maxsize=256)
def _path_shape(view: str, language: str, *names: str) -> str:
    """This function will name the path of all such pages, `{slug}` standing for an argument called slug."""
    with override(language):
        path = reverse(f"petitions:{view}", kwargs={name: _STANDS_FOR[name] for name in names})
    for name in names:
        path = path.replace(_STANDS_FOR[name], f"{{{name}}}")
    return path


def milestone_urls(*, slug: str, language: str) -> str:
    """This function will name the pages of all milestones of a petition at once, `{threshold}` standing for each."""
    sample = absolute_url(view="milestone", language=language, slug=slug, threshold="1")
    return f"{sample.removesuffix('1/')}{{threshold}}/"


def milestone_url(*, milestone: Milestone, language: str) -> str:
    """This function will name the public page of a milestone, its petition loaded."""
    slug, threshold = milestone.petition.slug, str(milestone.threshold)
    return absolute_url(view="milestone", language=language, slug=slug, threshold=threshold)
