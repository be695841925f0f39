"""Staff edit the rules about mail domains in the administration; nothing changes before a re-keying, all is audited."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from accounts.identity import identity_digest
from accounts.models import AuditEntry, MailDomainRule, MailDomainRuleSet
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIST = reverse("admin:accounts_maildomainrule_changelist")
ADD = reverse("admin:accounts_maildomainrule_add")
SETS = reverse("admin:accounts_maildomainruleset_changelist")


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(make_user(email="operator@example.org", is_staff=True, is_superuser=True))
    return client


def verbs() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("verb", "subject"))


def test_a_rule_is_added_audited_and_not_in_force(operator: Client) -> None:
    before = identity_digest(address="a.da@élan.fr")

    page = operator.post(ADD, {"domain": "Élan.FR", "ignores_dots": "on", "tag_signs": "+", "same_as": ""}, follow=True)

    assert "rekey_identities" in page.content.decode()
    rule = MailDomainRule.objects.get(domain="xn--lan-9la.fr")
    assert rule.ignores_dots
    assert verbs() == [("mail_rule.kept", "xn--lan-9la.fr")]
    assert identity_digest(address="a.da@élan.fr") == before


def test_a_rule_is_changed_and_dropped_by_name(operator: Client) -> None:
    rule = MailDomainRule.objects.get(domain="posteo.de")

    change = reverse("admin:accounts_maildomainrule_change", args=[rule.pk])
    operator.post(change, {"domain": "posteo.de", "tag_signs": "", "same_as": ""})
    rule.refresh_from_db()
    assert rule.tag_signs == ""
    operator.post(reverse("admin:accounts_maildomainrule_delete", args=[rule.pk]), {"post": "yes"})

    assert not MailDomainRule.objects.filter(domain="posteo.de").exists()
    assert verbs() == [("mail_rule.kept", "posteo.de"), ("mail_rule.dropped", "posteo.de")]


def test_several_rules_are_dropped_at_once(operator: Client) -> None:
    chosen = MailDomainRule.objects.filter(domain__in=["posteo.de", "mailbox.org"])

    operator.post(LIST, {"action": "delete_selected", "_selected_action": [rule.pk for rule in chosen], "post": "yes"})

    assert verbs() == [("mail_rule.dropped", "mailbox.org"), ("mail_rule.dropped", "posteo.de")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"domain": "no domain"}, "no mail domain"),
        ({"domain": "a" * 300 + ".example"}, "at most 253"),
        ({"domain": "\u0600.example"}, "no mail domain"),
        ({"tag_signs": "."}, "A tag can begin"),
        ({"tag_signs": "+-=_#"}, "at most 4"),
        ({"same_as": "googlemail.com"}, "must lead to a mailbox"),
        ({"domain": "gmail.com"}, "already exists"),
    ],
)
def test_a_rule_that_cannot_be_one_is_kept_on_the_page(operator: Client, typed: dict[str, str], sentence: str) -> None:
    page = operator.post(ADD, {"domain": "new.example", "tag_signs": "+", "same_as": "", **typed})

    assert page.status_code == HTTPStatus.OK
    assert sentence in page.content.decode()
    assert not MailDomainRule.objects.filter(domain="new.example").exists()


def test_what_is_in_force_is_shown_and_cannot_be_edited(operator: Client) -> None:
    newest = MailDomainRuleSet.objects.get(version=1)
    page = operator.get(reverse("admin:accounts_maildomainruleset_change", args=[newest.pk]))

    assert operator.get(SETS).status_code == HTTPStatus.OK
    assert "googlemail.com" in page.content.decode()
    assert operator.get(reverse("admin:accounts_maildomainruleset_add")).status_code == HTTPStatus.FORBIDDEN
    assert operator.post(reverse("admin:accounts_maildomainruleset_change", args=[newest.pk])).status_code == 403


def test_a_wish_that_differs_from_what_is_in_force_is_marked(operator: Client) -> None:
    MailDomainRule.objects.exclude(domain="posteo.de").delete()
    assert "icon-yes" in operator.get(LIST).content.decode()

    MailDomainRule.objects.update(ignores_dots=True)

    assert "icon-no" in operator.get(LIST).content.decode().partition("posteo.de")[2]


def test_a_role_edits_no_rules(bob_client: Client) -> None:
    for url in (LIST, ADD, SETS):
        assert bob_client.get(url).status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.FOUND)
