"""What machines ask: is it alive, is it ready, how does it do, whom to tell of a hole."""

from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from keep4o_site.metrics import collect_metrics


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # the process answers: that is all it says
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # the same for every asker
    """
    This function will answer 200 while visitors may be sent here: the database answers, and nobody is about to stop us.

    Valkey is not asked: the site serves without it.
    """
    if settings.LEAVING_FILE.exists():
        return JsonResponse({"status": "leaving"}, status=503)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ready"})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not _may_read_metrics(request):
        return HttpResponse(status=404)
    return HttpResponse(generate_latest(collect_metrics(now=timezone.now())), content_type=CONTENT_TYPE_LATEST)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # the same for every asker
    """This function will answer as RFC 9116 says; the date moves, so that a living site never shows an expired one."""
    expires = (timezone.now() + timedelta(days=180)).replace(microsecond=0).isoformat()
    lines = [f"Contact: mailto:{settings.CONTACT_EMAIL}", f"Expires: {expires}", "Preferred-Languages: en, fr"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def robots_txt(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # the same for every asker
    closed = [
        "/*/verify/",
        "/*/my-signature/",
        "/*/my-story/",
        "/*/moderate/",
        "/*/organise/",
        "/*/accounts/",
        "/admin/",
    ]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _may_read_metrics(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if settings.METRICS_TOKEN:
        return constant_time_compare(given, settings.METRICS_TOKEN)
    # Behind a proxy every visitor comes from loopback: there a token is needed.
    forwarded = "X-Forwarded-For" in request.headers or settings.SECURE_PROXY_SSL_HEADER is not None
    return not forwarded and request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1")
