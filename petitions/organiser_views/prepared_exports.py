"""Every signature as a row: asking for the file, and taking it out."""

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from accounts.answers import see_other
from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import RUN_PETITIONS
from petitions.actions.preparing import NotReady, ask_for_export, open_export
from petitions.models import PreparedExport
from petitions.organiser_views.finding import own_petition


@team_role_required(RUN_PETITIONS)
@require_POST
def ask_for_rows(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug)
    now, language = timezone.now(), get_language() or "en"
    ask_for_export(petition=petition, actor=signed_in_user(request), language=language, now=now)
    return _back_to_page(slug)


@team_role_required(RUN_PETITIONS)
@require_POST
def download_rows(request: HttpRequest, slug: str, export_id: int) -> HttpResponse:
    petition = own_petition(request, slug)
    get_object_or_404(PreparedExport, petition=petition, pk=export_id)
    try:
        export, file = open_export(
            petition=petition, export_id=export_id, actor=signed_in_user(request), now=timezone.now()
        )
    except NotReady:
        messages.error(
            request, gettext("The file cannot be fetched just now. Try again in some minutes, or ask for a new one.")
        )
        return _back_to_page(slug)
    name = f"{slug}_signatures_{export.asked_at:%Y-%m-%d}.csv"
    # To Django and its decorators either is an answer.
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")  # type: ignore[return-value]


def _back_to_page(slug: str) -> HttpResponse:
    return see_other("petitions:export-counts", slug=slug)
