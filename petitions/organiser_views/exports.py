"""The organisers' way to the figures: a form, a preview and a link to the very file that the API gives out."""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import READ_EXPORTS, RUN_PETITIONS
from petitions.models import Petition
from petitions.organiser_forms import ExportForm
from petitions.queries.answer_files import choice_groupings, table_by
from petitions.queries.exports import ExportTable
from petitions.queries.organising import petitions_for
from petitions.queries.prepared_exports import prepared_exports
from petitions.queries.series import Span, TooManyRows
from petitions.queries.texts import petition_title
from petitions.rules.periods import Grouping

PREVIEW_ROWS = 31


@team_role_required(READ_EXPORTS)
@require_http_methods(["GET", "HEAD"])
def export_counts(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in_user(request)
    petition = get_object_or_404(petitions_for(user=user, roles=READ_EXPORTS), slug=slug)
    defaults = {"by": Grouping.DAY.value, "tz": petition.timezone}
    questions = choice_groupings(petition=petition, language=get_language() or "en")
    form = ExportForm({**defaults, **request.GET.dict()}, questions=questions)
    table = _table(petition, form) if form.is_valid() else None
    context = {
        "petition": petition,
        "title": petition_title(petition=petition, language=get_language() or "en"),
        "may_change": petitions_for(user=user, roles=RUN_PETITIONS).filter(pk=petition.pk).exists(),
        "form": form,
        "grouping": form.grouping_label,
        "table": table,
        "preview": table.rows[-PREVIEW_ROWS:] if table else [],
        "prepared": prepared_exports(petition=petition, now=timezone.now()),
        "kept_days": settings.EXPORT_RETENTION.days,
        "download_url": f"/api/v1/petitions/{petition.slug}/counts?{_query(form)}",
    }
    return render(request, "organise/export_counts.html", context, status=200 if table else 422)


def _table(petition: Petition, form: ExportForm) -> ExportTable | None:
    asked = form.cleaned_data
    span = Span(tz=ZoneInfo(asked["tz"]), first_day=asked["from"], last_day=asked["to"])
    try:
        return table_by(petition=petition, by=asked["by"], span=span)
    except TooManyRows:
        form.add_error("from", gettext("This would be more than 100,000 rows: give a shorter span or longer periods."))
        return None


def _query(form: ExportForm) -> str:
    given = {name: form[name].value() for name in form.fields}
    return urlencode({name: value for name, value in given.items() if value})
