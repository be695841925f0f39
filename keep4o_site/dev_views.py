"""Pages that exist on a developer's machine only: the mailbox and the style guide."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from keep4o_site.styleguide import samples
from outbox.mailbox import StoredMail, list_mails, read_mail

# An e-mail's HTML comes from people too: no script, no form, no picture from elsewhere; links open in a new tab.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    recipient = request.GET.get("to", "").strip()
    return render(request, "dev/mailbox.html", {"mails": list_mails(recipient=recipient), "recipient": recipient})


@never_cache
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    stored = _mail_or_404(name)
    return render(request, "dev/mail.html", {"mail": stored, "text": _with_links_to_this_host(request, stored.text)})


@never_cache
@require_safe
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    html = _with_links_to_this_host(request, _mail_or_404(name).html)
    html = html.replace("<head>", '<head><base target="_blank">', 1)  # the frame itself may not open our pages
    return HttpResponse(html, headers={"Content-Security-Policy": _MAIL_POLICY})


def _mail_or_404(name: str) -> StoredMail:
    stored = read_mail(name=name)
    if stored is None:
        raise Http404
    return stored


def _with_links_to_this_host(request: HttpRequest, text: str) -> str:
    # Mails name the site by SITE_URL; whoever reads them here came by localhost, another port or a tunnel.
    return text.replace(f"{settings.SITE_URL}/", request.build_absolute_uri("/"))


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "dev/styleguide.html", samples(now=timezone.now()))


@require_safe
def styleguide_entry(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # only redirects
    return redirect("dev-styleguide")
