"""What the signing form takes, what it refuses, and in which words."""

import pytest
from django.utils.translation import override

from petitions.forms import SigningForm
from petitions.queries.asking import Asked

VALID = {"name": "Alice Example", "email": "alice@example.org", "country": "FR"}
PLAIN = Asked(country=True, postcode=False, comment=False, questions=(), news_consent=None, news_label="")


def form(**changes: str) -> SigningForm:
    return SigningForm({**VALID, **changes}, asked=PLAIN)


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("  Ada \t Lovelace ", "Ada Lovelace"),
        ("Ada\x00 Lovelace", "Ada Lovelace"),
        ("\u202eecilA", "ecilA"),
        ("Zoe\u0308 🙂", "Zoë 🙂"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a" * 80 + "\u200b", "a" * 80),
    ],
)
def test_names_are_cleaned_of_what_nobody_sees(name: str, cleaned: str) -> None:
    filled = form(name=name)

    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["name"] == cleaned


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Please type your name."),
        (" \u200b\u2060 ", "Please type your name."),
        ("a" * 81, "A name can have at most 80 characters; this one has 81."),
        ("=1+1", "A name cannot begin with one of the signs = + - @."),
        ("See https://x.example", "A name cannot contain a web address."),
        ("Al\ufffdice", "Some characters could not be read. Please type this again."),
    ],
)
def test_what_is_no_name_is_refused_with_a_sentence(name: str, sentence: str) -> None:
    assert form(name=name).errors == {"name": [sentence]}


@pytest.mark.parametrize(
    ("email", "cleaned"),
    [
        (" alice@example.org ", "alice@example.org"),
        ("A.Lice+x@Example.ORG", "A.Lice+x@example.org"),
        ("a" * 64 + "@Example.ORG", "a" * 64 + "@example.org"),
        ("Postmaster@example.org", "postmaster@example.org"),  # RFC 2142: the same mailbox in any case
        ("alice@bücher.example", "alice@bücher.example"),
        ("alice@xn--bcher-kva.example", "alice@bücher.example"),
        ("\u202ealice@example.org\x00", "alice@example.org"),
    ],
)
def test_addresses_are_taken_as_typed_with_the_domain_in_lower_case(email: str, cleaned: str) -> None:
    filled = form(email=email)

    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["email"] == cleaned


@pytest.mark.parametrize(
    "email",
    ["alice", "alice@localhost", "alice@example", "@example.org", "a b@example.org", '"a b"@example.org', "alice@[127.0.0.1]",
     "alice@exa mple.org", "a@b@example.org", "alice@example.org\nBcc: x@example.org", "alice@-x.org",
     "🙂@example.org", "x" * 65 + "@example.org", ".a@example.org", "a..b@example.org", "a.@example.org"],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_sentence(email: str) -> None:
    sentence = "This is no e-mail address that we can write to. It should look like name@example.org."

    assert form(email=email).errors == {"email": [sentence]}


def test_an_address_has_at_most_254_characters() -> None:
    domain = ".".join(["d" * 60] * 4) + ".example"

    assert "email" in form(email=f"{'a' * 20}@{domain}").errors


@pytest.mark.parametrize("country", ["XX", "fr", "FRA", "ZZ", "<b>", "\x00"])
def test_a_country_is_one_of_the_list(country: str) -> None:
    assert form(country=country).errors == {"country": ["Please choose a country from the list, or leave it empty."]}


def test_nobody_has_to_name_a_country_or_wish_for_news() -> None:
    filled = SigningForm({"name": "Alice", "email": "alice@example.org"}, asked=PLAIN)

    assert filled.is_valid()
    assert (filled.cleaned_data["country"], filled.cleaned_data["wants_news"]) == ("", False)


def test_the_news_box_is_not_ticked_beforehand() -> None:
    assert "checked" not in str(SigningForm(asked=PLAIN)["wants_news"])


def test_countries_are_listed_in_the_language_of_the_page() -> None:
    with override("fr"):
        french = str(SigningForm(asked=PLAIN)["country"])

    assert ">Allemagne<" in french
    assert ">Germany<" in str(SigningForm(asked=PLAIN)["country"])


def test_what_was_typed_is_shown_again() -> None:
    filled = form(name="=cmd\x00|x", email="alice@", wants_news="on")

    assert 'value="=cmd|x"' in str(filled["name"])
    assert 'value="alice@"' in str(filled["email"])
    assert "checked" in str(filled["wants_news"])
    assert '<option value="FR" selected>' in str(filled["country"])
