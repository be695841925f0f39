"""What is sealed about accounts: the secrets from which second factors are made, in allauth's table."""

from allauth.mfa.models import Authenticator

from outbox.resealing import SealedJsonText, SealedTable

SECOND_FACTOR_PURPOSE = "accounts.second_factor"
SEALED_TABLES = (
    SealedTable(
        model=Authenticator,
        columns=(
            SealedJsonText(name="data", key="secret", purpose=SECOND_FACTOR_PURPOSE),  # of an authenticator app
            SealedJsonText(name="data", key="seed", purpose=SECOND_FACTOR_PURPOSE),  # of recovery codes
        ),
    ),
)
