"""What is known of the stories of one address, for its owner who asks an operator."""

from accounts.identity import identity_of
from testimonials.models import AuthorContact
from testimonials.models.stories import DIGEST_PURPOSE


def stories_of(*, address: str) -> int:
    """This function will count the stories that were told from an address and are not erased."""
    digests = identity_of(address=address, purpose=DIGEST_PURPOSE).digests
    return AuthorContact.objects.filter(identity_digest__in=digests).count()
