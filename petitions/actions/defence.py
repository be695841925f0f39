"""Judging an attempt to sign by what came with its words; whatever is found, the visitor sees nothing of it."""

from dataclasses import dataclass
from datetime import datetime

from accounts.visitors import network_digest
from petitions.rules.defence import Judgement


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What came with the words of an attempt; each "" where it is not known or was not sent."""

    address: str  # as typed and cleaned by the form
    network: str  # of accounts.visitors.visitor_network, never an address
    honeypot: str = ""
    form_token: str = ""
    work: str = ""


def judge_attempt(*, slug: str, evidence: Evidence, now: datetime) -> Judgement:  # noqa: ARG001 # the checks come
    """This function will judge one attempt to sign a petition, before the transaction that records it."""
    return Judgement(network_digest=network_digest(prefix=evidence.network, day=now.date()))
