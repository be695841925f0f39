"""What every template may use without its view saying so."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "source_code_url": settings.SOURCE_CODE_URL,
        "contact_email": settings.CONTACT_EMAIL,
        "development": settings.DEVELOPMENT,
        "canonical_url": settings.SITE_URL + request.path,
    }
