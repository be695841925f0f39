"""The pictures that go with links, for the programs that fetch them: drawn once, kept, and never in a size of their choice."""

import threading
import time
from collections import OrderedDict

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from petitions.drawing import SharePicture, draw_picture
from petitions.queries.share_pictures import milestone_picture, petition_picture, picture_version
from petitions.views.pages import find_page

KEPT_HERE = 32  # pictures of 80 KB in the memory of a process
KEPT_S = 30 * 24 * 3600  # in Valkey
DRAWING_S = 5  # then whoever began to draw has died
_POLL_S = 0.05
# A picture's address names its version, and what that shows never changes; without a version it is the newest one.
_OF_A_VERSION = {"public": True, "max_age": 24 * 3600, "s_maxage": KEPT_S, "immutable": True}
_NEWEST = {"public": True, "max_age": 0, "s_maxage": 60, "stale_while_revalidate": 300, "stale_if_error": 86400}
_here: OrderedDict[str, bytes] = OrderedDict()
_one_at_a_time = threading.Lock()  # whatever is asked for, a process draws one picture at once


@csrf_exempt  # nothing to forge: a POST is told 405
@require_safe
def milestone_share_picture(request: HttpRequest, slug: str, threshold: int) -> HttpResponseBase:
    page = find_page(slug)
    reached_at = next((step.reached_at for step in page.steps if step.threshold == threshold), None)
    if reached_at is None:
        raise Http404
    language = get_language() or "en"
    picture = milestone_picture(page=page, threshold=threshold, reached_at=reached_at, language=language)
    return _answer(request, picture)


@csrf_exempt
@require_safe
def petition_share_picture(request: HttpRequest, slug: str) -> HttpResponseBase:
    return _answer(request, petition_picture(page=find_page(slug), language=get_language() or "en"))


def _answer(request: HttpRequest, picture: SharePicture) -> HttpResponseBase:
    version = picture_version(picture)
    etag = f'"{version}"'
    # Asked before it is drawn: whoever has it already costs a few reads.
    answer = get_conditional_response(request, etag=etag)
    if answer is None:
        answer = HttpResponse(_kept(version, picture), content_type="image/png")
    answer.headers["ETag"] = etag
    patch_cache_control(answer, **(_OF_A_VERSION if request.GET.get("v") == version else _NEWEST))
    return answer


def _kept(version: str, picture: SharePicture) -> bytes:
    """This function will find a picture in this process or in Valkey, and draw it where it is in neither."""
    kept = _here.get(version)
    if kept is None:
        with _one_at_a_time:
            kept = _here.get(version) or cache.get(_key(version)) or _draw_once(version, picture)
            _here[version] = kept
            if len(_here) > KEPT_HERE:
                _here.popitem(last=False)
    return kept


def _draw_once(version: str, picture: SharePicture) -> bytes:
    """This function will draw a picture unless another process draws it just now: then it waits for that one."""
    if not cache.add(f"{_key(version)}:drawing", 1, timeout=DRAWING_S):
        drawn_elsewhere = _await(version)
        if drawn_elsewhere is not None:
            return drawn_elsewhere
    drawn = draw_picture(picture)
    cache.set(_key(version), drawn, timeout=KEPT_S)
    return drawn


def _await(version: str) -> bytes | None:
    give_up_at = time.monotonic() + DRAWING_S / 2
    while time.monotonic() < give_up_at:
        time.sleep(_POLL_S)
        drawn: bytes | None = cache.get(_key(version))
        if drawn is not None:
            return drawn
    return None


def _key(version: str) -> str:
    return f"share-picture:{version}"
