"""Rules of the product that an operator may tune."""

from datetime import timedelta

from keep4o_site.env import read_files, read_int, read_list
from keep4o_site.settings.site import DEVELOPMENT

PENDING_SIGNATURE_LIFETIME = timedelta(days=14)  # what was typed and never proved is kept so long
PROOF_LINK_LIFETIME = timedelta(days=7)  # shorter, so that one click renews an expired link
SIGNING_GRACE_AFTER_CLOSING = timedelta(hours=24)
ADDRESS_RETENTION_AFTER_CLOSING = timedelta(days=180)
DELIVERED_MESSAGE_RETENTION = timedelta(days=7)
EXPORT_RETENTION = timedelta(days=7)  # files of signatures as rows, on STORAGES["exports"]
# Typefaces for the titles on share pictures that the house's own cannot write, tried in this order (docs/operating.md).
SHARE_PICTURE_FONTS = read_files("SHARE_PICTURE_FONTS")

# --- The defence of the signing form (docs/operating.md, «Under attack»; docs/decisions/0013) -------------------------
NETWORK_RETENTION = timedelta(days=30)  # digests of visitors' networks, on attempts and signatures
# (attempts, within): beyond it they are held and no mail leaves until staff release them. A /24 of a mobile carrier is
# thousands of people, a /56 one home or office; a small mail domain is a workplace, the big ones are half of the world.
SIGNING_LIMITS = {
    "ipv4": ((120, timedelta(minutes=10)), (2_000, timedelta(days=1))),
    "ipv6": ((30, timedelta(minutes=10)), (200, timedelta(days=1))),
    "domain": ((60, timedelta(minutes=10)), (1_000, timedelta(days=1))),
    "big_domain": ((20_000, timedelta(minutes=10)),),
}
# Beside those in petitions/rules/mail_domains.py: the mail domains of a country or a great employer. In development
# everybody has an address at the domains that RFC 2606 keeps for examples.
_EXAMPLE_DOMAINS = ["example.com", "example.net", "example.org"]
BIG_MAIL_DOMAINS = frozenset(read_list("BIG_MAIL_DOMAINS", _EXAMPLE_DOMAINS if DEVELOPMENT else []))
# A form that comes back sooner is suspicious while more than WORK_CALM_RATE attempts arrive; in calm it is only noted.
FORM_MIN_AGE = timedelta(seconds=2)
FORM_MAX_AGE = timedelta(days=7)  # a page may stay open for days
FORM_STAMP = timedelta(seconds=2)  # how long the page's token, and with it the page's ETag, stays the same
# Attempts per minute for one petition up to which no proof of work is asked for; it doubles with each level above it.
WORK_CALM_RATE = read_int("WORK_CALM_RATE", default=300)
WORK_LIFETIME = timedelta(minutes=20)
# A page that was opened in calm asked for no work: for so long after, and so many times, it is taken without any.
WORK_GRACE = timedelta(minutes=10)
WORK_GRACE_USES = 10
