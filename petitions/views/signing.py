"""Signing: what was typed comes in, one action decides, and the answer never tells about an address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from accounts.answers import never_kept, see_other
from accounts.decorators import same_origin_required
from petitions.actions.defence import begin_to_judge
from petitions.actions.signing import NotEligible, PetitionNotOpen, TypedSignature, sign_petition
from petitions.forms import SigningForm
from petitions.models import Petition
from petitions.queries.asking import Asked
from petitions.queries.known import known_petition
from petitions.views.evidence import evidence_of
from petitions.views.pages import find_page, render_petition


@require_POST
@never_kept
@same_origin_required
def sign(request: HttpRequest, slug: str) -> HttpResponse:
    language = get_language() or "en"
    form = SigningForm(request.POST, asked=_asked(request, slug=slug, language=language))
    if not form.is_valid():
        return _petition_again(request, slug=slug, form=form)
    try:
        _sign(request, slug=slug, form=form, language=language)
    except Petition.DoesNotExist as error:
        raise Http404 from error
    except NotEligible as refusal:
        form.add_eligibility_error(refusal.problem)
        return _petition_again(request, slug=slug, form=form)
    except PetitionNotOpen:
        return _petition_again(request, slug=slug, form=form)
    return see_other("petitions:check-your-email", slug=slug)


def _sign(request: HttpRequest, *, slug: str, form: SigningForm, language: str) -> None:
    now, address = timezone.now(), form.cleaned_data["email"]
    sign_petition(
        slug=slug,
        typed=TypedSignature.of(form.typed, email=address),
        judged=begin_to_judge(slug=slug, evidence=evidence_of(request, address=address), now=now),
        language=language,
        now=now,
    )


def _asked(request: HttpRequest, *, slug: str, language: str) -> Asked:
    try:
        known = known_petition(slug=slug)
    except Petition.DoesNotExist as error:
        raise Http404 from error
    return known.asked(language=language, said=request.POST)


def _petition_again(request: HttpRequest, *, slug: str, form: SigningForm) -> HttpResponse:
    """This function will show the petition with all that was typed: to correct it, or not to lose it."""
    page = find_page(slug)
    status = 422 if page.standing.takes_signatures else 409
    return render_petition(request, page=page, form=form, status=status)
