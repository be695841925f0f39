"""Pages that exist on a developer's machine only: the mailbox and the style guide."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from keep4o_site.styleguide import samples


@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "dev/mailbox.html")


@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "dev/mail.html", {"name": name})


@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(name)


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    return render(request, "dev/styleguide.html", samples(now=timezone.now()))


@require_safe
def styleguide_entry(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 # only redirects
    return redirect("dev-styleguide")
