"""Rows for the measurements, made as the site makes them or, where there are millions, by the database itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Field
from django.test import Client
from django.utils import timezone

from accounts.identity import identity_digest
from accounts.models import Membership, Role, Team, User
from accounts.rule_sets import newest_version
from bench.production import MAIL_DOMAINS
from keep4o_site.stack.ports import HOST
from outbox.digests import domain_digest
from outbox.sealing import seal
from petitions.actions.tally import recount
from petitions.models import PendingSignature, Petition, PetitionState, PetitionText
from petitions.queries.links import ProofLink, open_proof_link, proof_token
from petitions.queries.sealed import EMAIL_PURPOSE, NAME_PURPOSE
from petitions.rules.ladder import DEFAULT_LADDER

SLUG = "measured"
PETITION_PATH = f"/en/petitions/{SLUG}/"
SIGN_PATH = f"{PETITION_PATH}sign/"
COUNT_PATH = f"/api/v1/petitions/{SLUG}/count"
ORGANISER = "organiser@example.org"
PREFIX_BYTES = 9  # of a digest, in a link
_OPEN_FOR = timedelta(days=90)
_PARAGRAPH = (
    "People wrote their theses with it, learned a language, got through a night. They ask for **one thing**: that what "
    "they rely on stays available, that its end is announced in time, and that a decision can be answered. "
)
# The share of a country in a million signatures; the others say none.
_COUNTRIES = '{US,US,US,GB,FR,FR,JP,DE,CA,BR,ES,AU,IN,BE,CH,KR,MX,NL,"",""}'

# Proved one after the other over 90 days, by people of many domains. What is sealed is one sealed text: nothing looks
# into it but the person's own link, and its length is right.
_SIGNATURES = """
INSERT INTO petitions_signature (
    petition_id, identity_digest, identity_version, email_sealed, name_sealed, country, wants_news, language, channel,
    signed_at, verified_at, domain_digest, form_age_s, name_shape
)
SELECT %(petition)s, sha256(int8send(n)), %(version)s, %(email)s, %(name)s,
    (%(countries)s::text[])[1 + (n * 7919) %% 20], false, 'en', 'web',
    %(opened)s::timestamptz + %(span)s::interval * (n::float8 / %(last)s),
    %(opened)s::timestamptz + %(span)s::interval * (n::float8 / %(last)s) + interval '3 minutes',
    sha256(int8send(n %% 64)), 40, 'Aa Aa'
FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
_ENTRIES = """
INSERT INTO petitions_tallyentry (petition_id, delta, reason, occurred_at, bucket_at, country, channel)
SELECT %(petition)s, 1, 'proved', instant, date_bin('15 minutes', instant, timestamptz '2000-01-01 00:00:00Z'),
    (%(countries)s::text[])[1 + (n * 7919) %% 20], 'web'
FROM generate_series(1, %(count)s) AS n, LATERAL (SELECT %(now)s::timestamptz - interval '1 second' * (n %% 3600)) AS at (instant)
"""


def make_petition(*, slug: str = SLUG, ladder: Sequence[int] = DEFAULT_LADDER) -> Petition:
    """This function will make an open petition of a usual length in both languages."""
    now = timezone.now()
    opened = now - _OPEN_FOR
    petition = Petition.objects.create(
        team=Team.objects.get_or_create(slug="measuring", defaults={"name": "Measuring"})[0],
        slug=slug,
        state=PetitionState.OPEN,
        addressee="OpenAI",
        ladder=list(ladder),
        opens_at=opened,
        created_at=opened,
    )
    for language in ("en", "fr"):
        PetitionText.objects.create(
            petition=petition,
            language=language,
            version=1,
            title="Keep what people rely on",
            summary=_PARAGRAPH[:200],
            body="\n\n".join([_PARAGRAPH] * 8),
            created_at=opened,
        )
    return petition


def make_organiser() -> User:
    """This function will make, or find, an organiser of the measured petition's team."""
    user = User.objects.filter(email=ORGANISER).first() or User.objects.create_user(ORGANISER)
    team = Team.objects.get(slug="measuring")
    for role in (Role.OWNER, Role.ORGANISER):
        Membership.objects.get_or_create(user=user, team=team, role=role)
    return user


def organiser_cookie() -> str:
    """This function will sign that organiser in and return what their browser sends from then on."""
    browser = Client(SERVER_NAME=HOST)
    browser.force_login(make_organiser(), backend=settings.AUTHENTICATION_BACKENDS[0])
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def fill_signatures(*, petition: Petition, count: int, first: int = 1) -> None:
    """This function will add counted signatures up to the given number of them, and count them by a recount."""
    _execute(
        _SIGNATURES,
        petition=petition.pk,
        version=newest_version(),
        email=seal(text="supporter123456@m12.example.org", purpose=EMAIL_PURPOSE),
        name=seal(text="Ada Lovelace", purpose=NAME_PURPOSE),
        countries=_COUNTRIES,
        opened=petition.opens_at,
        span=_OPEN_FOR - timedelta(hours=1),
        first=first,
        last=count,
    )
    recount(petition_id=petition.pk, now=timezone.now())
    for table in ("signature", "tallybucket", "tallyentry", "pendingsignature"):
        _execute(f"VACUUM ANALYZE petitions_{table}")


def fill_entries(*, petition: Petition, count: int) -> None:
    """This function will owe entries to a count, of the last hour and of many countries."""
    _execute(_ENTRIES, petition=petition.pk, count=count, countries=_COUNTRIES, now=timezone.now())
    _execute("VACUUM ANALYZE petitions_tallyentry")


def prepare_links(*, petition: Petition, count: int, prefix: str) -> list[str]:
    """
    This function will write attempts of as many people and return the addresses of their links.

    Each row is a copy of one that a real request has written, but for who it is: digests and seals are real.
    """
    template = PendingSignature.objects.filter(petition=petition, mail_number=1).order_by("pk").first()
    assert template is not None, "somebody must have signed through the site before"
    now = timezone.now()
    ids = _column("SELECT nextval('petitions_pendingsignature_id_seq') FROM generate_series(1, %(n)s)", n=count)
    attempts = [_attempt_like(template, pk=pk, address=_address(prefix, pk), now=now) for pk in ids]
    _copy_attempts(attempts)
    return [f"/en/verify/{proof_token(attempt=attempt, now=now)}/" for attempt in attempts]


def fill_attempts(*, petition: Petition, count: int) -> int:
    """
    This function will write attempts whose digests are made from their numbers, and return the number before the first.

    They are for pgbench, which opens no seal.
    """
    template = PendingSignature.objects.filter(petition=petition, mail_number=1).order_by("pk").first()
    assert template is not None, "somebody must have signed through the site before"
    columns = [field.attname for field in _fields()]
    told = {"id": "n", "identity_digest": "sha256(int8send(n))"}
    (before,) = _column("SELECT coalesce(max(id), 0) + 1000 FROM petitions_pendingsignature")
    _execute(
        f"INSERT INTO petitions_pendingsignature ({', '.join(columns)}) "
        f"SELECT {', '.join(told.get(column, column) for column in columns)} FROM petitions_pendingsignature, "
        "generate_series(%(first)s::bigint, %(last)s::bigint) AS n WHERE id = %(template)s",
        first=before + 1,
        last=before + count,
        template=template.pk,
    )
    _execute(
        "SELECT setval('petitions_pendingsignature_id_seq', %(last)s)",
        last=before + count + 1,
    )
    return int(before)


def forget_attempts() -> None:
    """This function will let everybody who has not proved their signature be gone."""
    _execute("DELETE FROM petitions_pendingsignature")


def forget_owed_mails() -> None:
    """This function will let nobody wait for the mails that are still owed."""
    _execute("DELETE FROM outbox_outgoingmessage WHERE state = 'due'")


def count_of(table: str, condition: str = "true") -> int:
    """This function will count rows; the condition is ours."""
    return int(_column(f"SELECT count(*) FROM {table} WHERE {condition}")[0])


def _address(prefix: str, number: int) -> str:
    return f"{prefix}{number}@{MAIL_DOMAINS[number % len(MAIL_DOMAINS)]}"


def _attempt_like(template: PendingSignature, *, pk: int, address: str, now: datetime) -> PendingSignature:
    values = {field.attname: getattr(template, field.attname) for field in _fields()}
    return PendingSignature(
        **{
            **values,
            "id": pk,
            "identity_digest": identity_digest(address=address),
            "email_sealed": seal(text=address, purpose=EMAIL_PURPOSE),
            "domain_digest": domain_digest(address=address),
            "created_at": now,
        }
    )


def _copy_attempts(attempts: Sequence[PendingSignature]) -> None:
    columns = ", ".join(field.attname for field in _fields())
    with connection.cursor() as cursor, cursor.copy(f"COPY petitions_pendingsignature ({columns}) FROM STDIN") as copy:
        for attempt in attempts:
            copy.write_row([_value(field, attempt) for field in _fields()])


def _value(field: "Field[Any, Any]", attempt: PendingSignature) -> object:
    value = field.get_db_prep_save(getattr(attempt, field.attname), connection=connection)
    return getattr(value, "obj", value) if type(value).__name__ == "Binary" else value


def _fields() -> "list[Field[Any, Any]]":
    return list(PendingSignature._meta.local_concrete_fields)  # noqa: SLF001 # documented API


def _execute(statement: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


def _column(statement: str, **parameters: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return [row[0] for row in cursor.fetchall()]


def newest_digests(*, count: int) -> list[bytes]:
    """This function will return the digests of the newest signatures."""
    with connection.cursor() as cursor:
        # Not by number: those that pgbench made are higher than any that the site will ever take.
        newest = "SELECT identity_digest FROM petitions_signature ORDER BY verified_at DESC, id DESC LIMIT %s"
        cursor.execute(newest, [count])
        return [bytes(row[0]) for row in cursor.fetchall()]


def prefix_in(link: str) -> bytes:
    """This function will read from a link's path the beginning of its person's digest."""
    return opened(link).digest_prefix


def opened(link: str) -> ProofLink:
    """This function will read what a link's path says."""
    return open_proof_link(token=link.strip("/").rpartition("/")[2], now=timezone.now())
