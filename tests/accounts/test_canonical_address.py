"""Which spellings of an address stand for one person: rules that are data, and letters that only look alike."""

import string

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.identity import identity_digest, identity_of
from accounts.lookalikes import AddressProblem, address_problem
from accounts.models import MailDomainRule as Wish
from accounts.models import User
from accounts.rule_sets import rule_sets, wished_rules
from accounts.rules import MailDomainRule, RuleProblem, ascii_domain, canonical_address, rule_problem
from petitions.forms.fields import AddressField
from tests.factories import PASSWORD

DOTLESS = MailDomainRule(ignores_dots=True)
RULES = {
    "gmail.com": DOTLESS,
    "googlemail.com": MailDomainRule(same_as="gmail.com"),
    "yahoo.com": MailDomainRule(tag_signs="-"),
    "both.example": MailDomainRule(tag_signs="+-", ignores_dots=True),
    "none.example": MailDomainRule(tag_signs=""),
}
LOCAL = st.text(string.ascii_letters + string.digits + "+-._", min_size=1, max_size=20)
DOMAIN = st.sampled_from([*RULES, "example.org", "Élan.fr", "straße.de", "例え.jp"])


def canonical(address: str) -> str:
    return canonical_address(address, rules=RULES)


@pytest.mark.parametrize(
    ("typed", "owner"),
    [
        ("A.Lice+x@GoogleMail.com", "alice@gmail.com"),
        ("alice@GMAIL.com.", "alice@gmail.com"),
        ("a.b-c@yahoo.com", "a.b@yahoo.com"),
        ("a+b@yahoo.com", "a+b@yahoo.com"),
        ("a.b+c-d@both.example", "ab@both.example"),
        ("a.b+c@none.example", "a.b+c@none.example"),
        ("a.b+c@unlisted.example", "a.b@unlisted.example"),
        ("ada@Élan.fr", "ada@xn--lan-9la.fr"),
        ("ada@xn--LAN-9la.fr", "ada@xn--lan-9la.fr"),
        ("ada@straße.de", "ada@xn--strae-oqa.de"),
        ("+@gmail.com", "+@gmail.com"),
        (".@gmail.com", ".@gmail.com"),
    ],
)
def test_an_address_is_reduced_to_its_owner(typed: str, owner: str) -> None:
    assert canonical(typed) == owner


@given(local=LOCAL, domain=DOMAIN)
def test_what_is_reduced_stays_as_it_is(local: str, domain: str) -> None:
    once = canonical(f"{local}@{domain}")

    assert canonical(once) == once


@given(local=LOCAL, domain=DOMAIN)
def test_case_and_a_trailing_dot_make_nobody_new(local: str, domain: str) -> None:
    assert canonical(f"{local.swapcase()}@{domain.lower()}.") == canonical(f"{local}@{domain}")


@given(local=LOCAL, domain=DOMAIN)
def test_nobody_is_reduced_to_nothing(local: str, domain: str) -> None:
    reduced = canonical(f"{local}@{domain}")

    assert reduced.count("@") == 1
    assert reduced.isascii()
    assert reduced.rpartition("@")[0]


@given(local=st.text(string.ascii_lowercase, min_size=1, max_size=9), tag=LOCAL, at=st.integers(0, 8))
def test_dots_and_tags_are_nothing_where_the_provider_says_so(local: str, tag: str, at: int) -> None:
    spelled = f"{local[:at]}.{local[at:]}+{tag}@googlemail.com"

    assert canonical(spelled) == f"{local}@gmail.com"


@given(first=LOCAL, second=LOCAL)
def test_an_unlisted_provider_only_ignores_tags(first: str, second: str) -> None:
    same = canonical(f"{first}@example.org") == canonical(f"{second}@example.org")

    assert same == ((first.lower().split("+")[0] or first.lower()) == (second.lower().split("+")[0] or second.lower()))


@given(domain=st.text(max_size=30))
def test_any_text_as_a_domain_is_answered_by_a_word(domain: str) -> None:
    address_problem(f"ada@{domain}")
    address_problem(domain)


# --- The rules as data ----------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_rules_that_come_with_the_site_are_in_force() -> None:
    newest, first = rule_sets()

    assert (newest.version, first.version) == (1, 0)
    assert newest.rules == wished_rules()
    assert set(first.rules.items()) <= set(newest.rules.items())


@pytest.mark.django_db
def test_every_rule_that_comes_with_the_site_is_one() -> None:
    rules = wished_rules()

    for domain, rule in rules.items():
        others = [(name, other.same_as) for name, other in rules.items() if name != domain]
        assert rule_problem(domain=domain, rule=rule, others=others) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@me.com", "Ada+x@icloud.com"),
        ("ada@yandex.com", "ada@ya.ru"),
        ("a.da@protonmail.ch", "ada@pm.me"),
        ("ada-list@yahoo.co.uk", "ada@yahoo.co.uk"),
    ],
)
def test_what_providers_document_is_one_person(one: str, other: str) -> None:
    assert identity_digest(address=one) == identity_digest(address=other)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [("ada@outlook.com", "ada@hotmail.com"), ("a.da@icloud.com", "ada@icloud.com"), ("ada@yahoo.fr", "ada@yahoo.com")],
)
def test_what_providers_do_not_say_is_nobody_elses(one: str, other: str) -> None:
    assert identity_digest(address=one) != identity_digest(address=other)


@pytest.mark.django_db
def test_a_wish_changes_nothing_before_it_is_in_force() -> None:
    before = identity_of(address="a.da@example.org")

    Wish.objects.create(domain="example.org", ignores_dots=True)

    assert identity_of(address="a.da@example.org") == before


@pytest.mark.django_db
def test_lists_of_different_purposes_cannot_be_joined() -> None:
    assert identity_digest(address="ada@example.org") != identity_digest(address="ada@example.org", purpose="other")


@pytest.mark.parametrize(
    ("domain", "rule", "problem"),
    [
        ("ok.example", MailDomainRule(same_as="gmail.com"), None),
        ("", MailDomainRule(), RuleProblem.NO_DOMAIN),
        ("no domain", MailDomainRule(), RuleProblem.NO_DOMAIN),
        ("UPPER.example", MailDomainRule(), RuleProblem.NO_DOMAIN),
        ("ok.example", MailDomainRule(same_as="@x"), RuleProblem.NO_DOMAIN),
        ("ok.example", MailDomainRule(tag_signs="."), RuleProblem.TAG_SIGNS),
        ("ok.example", MailDomainRule(tag_signs="a"), RuleProblem.TAG_SIGNS),
        ("ok.example", MailDomainRule(same_as="googlemail.com"), RuleProblem.ALIAS_OF_ALIAS),
        ("ok.example", MailDomainRule(same_as="ok.example"), RuleProblem.ALIAS_OF_ALIAS),
        ("gmail.com", MailDomainRule(same_as="ok.example"), RuleProblem.ALIAS_OF_ALIAS),
    ],
)
def test_a_rule_that_cannot_be_one_is_named(domain: str, rule: MailDomainRule, problem: RuleProblem | None) -> None:
    others = [("googlemail.com", "gmail.com"), ("gmail.com", "")]

    assert rule_problem(domain=domain, rule=rule, others=others) == problem


# --- Letters that look alike ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("ada@example.org", None),
        ("ada@élan.fr", None),
        ("ada@straße.de", None),
        ("ada@почта.рф", None),
        ("ada@例え.jp", None),
        ("ada@カフェcafe.jp", None),
        ("ada@παράδειγμα.gr", None),
        ("ada@xn--lan-9la.fr", None),
        ("ada@gmail.com", None),
        ("\u0430da@example.org", AddressProblem.LOCAL_LETTERS),
        ("adé@example.org", AddressProblem.LOCAL_LETTERS),
        ("ada@gm\u0430il.com", AddressProblem.MIXED_SCRIPTS),
        ("ada@" + ascii_domain("gm\u0430il.com"), AddressProblem.MIXED_SCRIPTS),
        ("ada@\u0430\u0440\u0440\u04cf\u0435.com", AddressProblem.LOOKS_LIKE_ANOTHER),
        ("ada@\u03bf\u03c5\u03c4.com", AddressProblem.LOOKS_LIKE_ANOTHER),
        ("ada@gmáil.com", AddressProblem.LOOKS_LIKE_ANOTHER),
        ("ada@gma\u0131l.com", AddressProblem.LOOKS_LIKE_ANOTHER),
        ("ada@out\u0142ook.com", AddressProblem.LOOKS_LIKE_ANOTHER),
    ],
)
def test_letters_that_only_look_alike_are_named(address: str, problem: AddressProblem | None) -> None:
    assert address_problem(address) == problem


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["ada@gm\u0430il.com", "ada@gmáil.com"])
def test_an_account_of_a_forged_address_is_refused_and_explained(client: Client, address: str) -> None:
    page = client.post(reverse("account_signup"), {"email": address, "password1": PASSWORD})

    assert "Please type it" in page.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "address", ["\u0430da@example.org", "élise@example.org", "ada@gm\u0430il.com", "ada@gmáil.com"]
)
def test_a_signature_with_a_forged_address_is_refused_and_explained(address: str) -> None:
    with pytest.raises(ValidationError, match="Please type it"):
        AddressField().clean(address)


def test_a_real_address_of_another_script_is_taken() -> None:
    assert AddressField().clean("ada@почта.рф") == "ada@почта.рф"
