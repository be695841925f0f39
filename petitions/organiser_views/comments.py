"""Reading what supporters wrote beside their name, and deciding whether everybody may read it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.decorators import signed_in_user, team_role_required
from accounts.roles import MODERATE, RUN_PETITIONS
from petitions.actions.reviewing import CommentChanged, CommentGone, decide_comment
from petitions.models import CommentState, Petition
from petitions.organiser_forms import DecideCommentForm
from petitions.organiser_views.answers import number_from
from petitions.organiser_views.finding import head_of, own_petition
from petitions.queries.comments import comments_to_review, waiting_count

REVIEW_COMMENTS = RUN_PETITIONS | MODERATE
_LISTS = {
    CommentState.WAITING: CommentState.WAITING.label,
    CommentState.PUBLISHED: pgettext_lazy("comments", "Published"),
    CommentState.DECLINED: pgettext_lazy("comments", "Declined"),
}


@team_role_required(REVIEW_COMMENTS)
@require_http_methods(["GET", "HEAD"])
def review_comments(request: HttpRequest, slug: str) -> HttpResponse:
    petition = own_petition(request, slug, roles=REVIEW_COMMENTS)
    after = number_from(request.GET.get("after", ""))
    return _comments_page(request, petition, _state_from(request.GET.get("state", "")), after=after)


@team_role_required(REVIEW_COMMENTS)
@require_POST
def decide_on_comment(request: HttpRequest, slug: str, signature_id: int) -> HttpResponse:
    petition = own_petition(request, slug, roles=REVIEW_COMMENTS)
    form = DecideCommentForm(request.POST)
    if not form.is_valid():
        refusal = gettext("Please say whether to publish or to decline this comment.")
        return _comments_page(request, petition, CommentState.WAITING, refusal=refusal, status=422)
    try:
        decided = decide_comment(
            petition_id=petition.pk,
            signature_id=signature_id,
            publish=form.cleaned_data["decision"] == "publish",
            seen=form.cleaned_data["seen"],
            actor=signed_in_user(request),
            now=timezone.now(),
        )
    except (CommentChanged, CommentGone) as error:
        return _comments_page(request, petition, form.came_from, refusal=_reason(error), status=HTTPStatus.CONFLICT)
    messages.success(request, _said(decided.comment_state))
    return redirect(f"{reverse('petitions:review-comments', args=[slug])}?state={form.came_from}")


def _comments_page(
    request: HttpRequest,
    petition: Petition,
    state: CommentState,
    *,
    after: int = 0,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        **head_of(request, petition),
        "page": comments_to_review(petition=petition, state=state, after=after),
        "state": state,
        "tabs": _tabs(petition, state),
        "is_first": not after,
        "refusal": refusal,
    }
    return render(request, "organise/review_comments.html", context, status=status)


def _tabs(petition: Petition, state: CommentState) -> list[dict[str, object]]:
    here = reverse("petitions:review-comments", args=[petition.slug])
    counts = {CommentState.WAITING: waiting_count(petition=petition)}
    return [
        {"label": label, "url": f"{here}?state={each}", "current": each == state, "count": counts.get(each)}
        for each, label in _LISTS.items()
    ]


def _state_from(text: str) -> CommentState:
    return next((state for state in _LISTS if state == text), CommentState.WAITING)


def _reason(error: CommentChanged | CommentGone) -> str:
    if isinstance(error, CommentGone):
        return gettext("This comment is gone: its author took it back, or the signature does not count at present.")
    return gettext(
        "This comment is not what you read: its author has changed it, or somebody else decided first. Please look at it as it is now."
    )


def _said(state: str) -> str:
    if state == CommentState.PUBLISHED:
        return gettext("The comment is published.")
    return gettext("The comment is declined. Nobody but its author sees it.")
