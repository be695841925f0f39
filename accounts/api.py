"""How programs prove themselves to the API."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from accounts.api_tokens import secret_digest
from accounts.models import ApiToken


class TeamTokenAuth(HttpBearer):
    """`Authorization: Bearer k4o_…` names a team. Answers 401 to an unknown or revoked token."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:  # noqa: ARG002 # ninja passes it
        return (
            ApiToken.objects.select_related("team", "created_by")
            .filter(digest=secret_digest(token), revoked_at__isnull=True)
            .first()
        )
