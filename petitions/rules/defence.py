"""What the defence of the signing form concludes. Plain Python."""

from dataclasses import dataclass

# There the mail itself would be the harm: somebody else's mailbox is the target. It leaves when staff release the attempt.
MAIL_WITHHELD_FOR = frozenset({"honeypot", "network_rate", "domain_rate"})


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """
    What is known of one attempt beside its words.

    A held attempt is kept and answered like any other. Most are mailed, too; their proof makes a signature that does not
    count until staff release it.
    """

    held_reason: str = ""  # of models.HeldReason
    network_digest: bytes | None = None
    form_age_s: int | None = None

    @property
    def withholds_mail(self) -> bool:
        return self.held_reason in MAIL_WITHHELD_FOR
