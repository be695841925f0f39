"""What supporters say: the same page for everybody, which a comment leaves at once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.answers import public_page
from petitions.queries.comments import public_comments
from petitions.views.pages import find_page


# A comment that is taken back must vanish at once: shared caches may answer a rush, but for one second only.
@public_page(keep_s=1, stale_s=0, error_s=0)
def petition_comments(request: HttpRequest, slug: str) -> HttpResponse:
    page = find_page(slug)
    cursor = request.GET.get("before", "")
    context = {
        "page": page,
        "comments": public_comments(petition=page.petition, cursor=cursor),
        "is_first": not cursor,
    }
    return render(request, "petitions/petition_comments.html", context)
