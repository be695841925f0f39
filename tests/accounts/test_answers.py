"""What pages say to caches and to browsers about themselves."""

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import override

from accounts.answers import never_kept, see_other


@never_kept
def silent(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@never_kept
def outspoken(_request: HttpRequest) -> HttpResponse:
    answer = HttpResponse()
    patch_cache_control(answer, no_transform=True)
    return answer


def test_what_nobody_may_keep_is_said_as_django_says_it(rf: RequestFactory) -> None:
    by_django = HttpResponse()
    add_never_cache_headers(by_django)

    answer = silent(rf.get("/"))

    assert answer.headers["Cache-Control"] == by_django.headers["Cache-Control"]
    assert answer.headers["Expires"]


def test_what_a_view_said_to_caches_stands_beside_it(rf: RequestFactory) -> None:
    said = outspoken(rf.get("/")).headers["Cache-Control"]

    assert "no-transform" in said
    assert "no-store" in said


def test_a_browser_is_sent_on_in_the_language_of_the_moment() -> None:
    ways = []

    for language in ("en", "fr", "en"):
        with override(language):
            ways.append(see_other("petitions:thank-you", slug="x").headers["Location"])

    assert ways == ["/en/petitions/x/thank-you/", "/fr/petitions/x/thank-you/", "/en/petitions/x/thank-you/"]
