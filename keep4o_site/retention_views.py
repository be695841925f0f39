"""The report of what was forgotten, for those who answer for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.decorators import role_or_site_staff_required
from accounts.retention import RECENTLY
from accounts.roles import RUN_PETITIONS
from keep4o_site.retention import retention_report


@role_or_site_staff_required(RUN_PETITIONS)
@require_safe
def forgotten(request: HttpRequest) -> HttpResponse:
    lines = retention_report(now=timezone.now())
    context = {"lines": lines, "is_late": any(line.is_late for line in lines), "recent_days": RECENTLY.days}
    return render(request, "organise/forgotten.html", context)
