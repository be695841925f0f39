"""Which mail domains and networks staff hold, as every process knows it at most two seconds later."""

from dataclasses import dataclass
from datetime import datetime

from outbox.remembering import Remembered
from petitions.models import HoldKind, HoldRule


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A rule of staff; `slug` is "" for the whole site."""

    kind: str
    digest: bytes
    slug: str
    ends_at: datetime | None

    def covers(self, *, slug: str, digests: dict[str, bytes | None], now: datetime) -> bool:
        """This function will tell whether an attempt is held: by its digest, at this petition, while the rule lasts."""
        is_over = self.ends_at is not None and self.ends_at <= now
        return not is_over and self.slug in ("", slug) and digests.get(self.kind) == self.digest


def is_on_hold(*, slug: str, domain: bytes, network: bytes | None, now: datetime) -> bool:
    """This function will tell whether staff hold what comes from a mail domain or a network (digests)."""
    digests = {HoldKind.DOMAIN.value: domain, HoldKind.NETWORK.value: network}
    return any(hold.covers(slug=slug, digests=digests, now=now) for hold in _holds.value())


def forget_holds() -> None:
    """This function will make this process read the rules anew: after it changed one."""
    _holds.forget()


def _read_holds() -> tuple[Hold, ...]:
    # With those that ended lately: whether one has ended is for the caller's clock to say (Hold.covers).
    rules = HoldRule.objects.order_by("pk")
    return tuple(
        Hold(kind=kind, digest=bytes(digest), slug=slug or "", ends_at=ends_at)
        for kind, digest, slug, ends_at in rules.values_list("kind", "digest", "petition__slug", "ends_at")
    )


_holds: Remembered[tuple[Hold, ...]] = Remembered(read=_read_holds, unknown=())
