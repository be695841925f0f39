"""The page of one milestone: the same for everybody, and worth to be kept for longer than the count."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.answers import public_page
from petitions.queries.milestones import NoSuchStep, milestone_page
from petitions.views.pages import find_page


@public_page()
def milestone(request: HttpRequest, slug: str, threshold: int) -> HttpResponse:
    try:
        step = milestone_page(page=find_page(slug), threshold=threshold, now=timezone.now())
    except NoSuchStep as error:
        raise Http404 from error
    return render(request, "petitions/milestone.html", {"step": step, "page": step.page})
