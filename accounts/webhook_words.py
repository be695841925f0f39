"""What a team reads about its webhooks: why a URL is refused, and why an attempt failed."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outbox.webhook_rules import Trouble
from outbox.webhook_targets import UrlProblem

URL_PROBLEMS: dict[UrlProblem, Promise] = {
    UrlProblem.UNREADABLE: _(
        "This is no address that can be posted to. It should look like https://example.org/hooks."
    ),
    UrlProblem.NOT_SECURE: _("The address must begin with https://."),
    UrlProblem.CREDENTIALS: _("The address must hold no user name and no password. What we send is signed instead."),
    UrlProblem.PORT: _("Only the ports 443 and 8443 can be posted to."),
    UrlProblem.ADDRESS: _("This name leads to a network that is not the open internet, so nothing is posted there."),
    UrlProblem.NAME_UNKNOWN: _("This name was not found. Check how it is written, or try again in a few minutes."),
}

TROUBLES: dict[str, Promise] = {
    Trouble.ADDRESS_REFUSED.value: _("The name leads to a network that is not the open internet"),
    Trouble.CONNECTION_FAILED.value: _("No connection"),
    Trouble.NAME_UNKNOWN.value: _("The name was not found"),
    Trouble.NO_ANSWER.value: _("The connection ended without an answer"),
    Trouble.NOT_SECURE.value: _("The certificate is not trusted"),
    Trouble.SEALED.value: _("The address or the secret cannot be opened any more"),
    Trouble.TIMEOUT.value: _("No answer within ten seconds"),
}
EVENTS: dict[str, Promise] = {
    "petition.milestone_reached": _("A milestone was reached"),
    "petition.opened": _("A petition opened"),
    "petition.closed": _("A petition closed"),
    "webhook.test": _("Test"),
}
