"""
The rules about mail domains become data.

Version 0 is what the code held until now, so that what was digested by it is recognised. Version 1 adds what the
providers themselves document; where a provider is not listed, only "+" begins a tag. It is in force at once: rows of
version 0 are re-keyed by `manage.py rekey_identities`, and nobody counts twice before that.
"""

from datetime import UTC, datetime

from django.db import migrations

_PLUS = {"ignores_dots": False, "tag_signs": "+", "same_as": ""}
_HYPHEN = {**_PLUS, "tag_signs": "-"}  # Yahoo: disposable addresses are base name, hyphen, keyword
_DOTLESS = {**_PLUS, "ignores_dots": True}


def _same_as(domain):
    return {**_PLUS, "same_as": domain}


_BUILT_IN = {
    "gmail.com": _DOTLESS,
    "googlemail.com": _same_as("gmail.com"),
    "protonmail.com": _same_as("proton.me"),
    "pm.me": _same_as("proton.me"),
    "proton.me": _DOTLESS,
    "yahoo.com": _HYPHEN,
    "yahoo.fr": _HYPHEN,
    "hotmail.com": _PLUS,
    "outlook.com": _PLUS,
}
_YAHOO = (
    "ymail.com", "rocketmail.com", "yahoo.ca", "yahoo.co.id", "yahoo.co.in", "yahoo.co.nz", "yahoo.co.uk", "yahoo.co.za",
    "yahoo.com.ar", "yahoo.com.au", "yahoo.com.br", "yahoo.com.hk", "yahoo.com.mx", "yahoo.com.ph", "yahoo.com.sg",
    "yahoo.com.tr", "yahoo.com.tw", "yahoo.com.vn", "yahoo.de", "yahoo.dk", "yahoo.es", "yahoo.gr", "yahoo.ie", "yahoo.in",
    "yahoo.it", "yahoo.no", "yahoo.pl", "yahoo.ro", "yahoo.se",
)  # fmt: skip
# One mailbox each, so that neither is an alias of another; listed for staff to see that nothing more is ignored.
_PLAIN = (
    "fastmail.com", "fastmail.fm", "hotmail.co.uk", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "live.co.uk",
    "live.com", "live.de", "live.fr", "live.it", "mailbox.org", "msn.com", "outlook.co.uk", "outlook.de", "outlook.es",
    "outlook.fr", "outlook.it", "outlook.jp", "posteo.de", "zoho.com",
)  # fmt: skip
_YANDEX = ("ya.ru", "yandex.by", "yandex.com", "yandex.kz")
_RULES = {
    **_BUILT_IN,
    "protonmail.ch": _same_as("proton.me"),
    "me.com": _same_as("icloud.com"),  # Apple: one account, the addresses @icloud.com, @me.com and @mac.com
    "mac.com": _same_as("icloud.com"),
    "icloud.com": _PLUS,
    **{domain: _HYPHEN for domain in _YAHOO},
    **{domain: _PLUS for domain in _PLAIN},
    **{domain: _same_as("yandex.ru") for domain in _YANDEX},  # Yandex: one mailbox has an address in each of them
    "yandex.ru": _PLUS,
}
_ACTIVATED_AT = datetime(2026, 11, 22, tzinfo=UTC)


def seed(apps, schema_editor):
    rule, rule_set = (apps.get_model("accounts", name) for name in ("MailDomainRule", "MailDomainRuleSet"))
    rule_set.objects.create(version=0, rules=_BUILT_IN, activated_at=_ACTIVATED_AT)
    rule_set.objects.create(version=1, rules=_RULES, activated_at=_ACTIVATED_AT)
    rule.objects.bulk_create(rule(domain=domain, **facts) for domain, facts in sorted(_RULES.items()))


def unseed(apps, schema_editor):
    for name in ("MailDomainRule", "MailDomainRuleSet"):
        apps.get_model("accounts", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_mail_domain_rules_and_retention")]
    operations = [migrations.RunPython(seed, unseed)]
