"""Where the events of a team may be posted to."""

from ipaddress import ip_network

from django.core.exceptions import ImproperlyConfigured

from keep4o_site.env import read_list
from keep4o_site.settings.site import DEVELOPMENT

# To this machine itself, over plain HTTP too: a developer's receiver runs there. Never in production.
WEBHOOKS_TO_LOOPBACK = DEVELOPMENT
# Beside what is never allowed (private, link-local, carrier's …): public addresses of the operator's own inner network.
try:
    WEBHOOK_REFUSED_NETWORKS = tuple(ip_network(text) for text in read_list("WEBHOOK_REFUSED_NETWORKS", []))
except ValueError as error:
    raise ImproperlyConfigured(
        "WEBHOOK_REFUSED_NETWORKS must be networks such as 203.0.113.0/24, parted by commas"
    ) from error
