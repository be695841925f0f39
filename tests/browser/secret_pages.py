"""The pages behind the links that we mail. What they show, or their signature, the demo site itself must make."""

import json

from tests.browser.pages import Visit
from tests.live_site import LiveSite

_PRINT_PATHS = """
import json
from datetime import timedelta
from accounts.models import User
from accounts.tokens import make_token
from accounts.webhook_actions import add_webhook, rotate_webhook_secret, send_test_webhook
from django.utils import timezone
from petitions.actions.signing import TypedSignature, sign_petition
from petitions.models import PendingSignature, Signature
from petitions.queries.links import my_signature_token, news_token, proof_token
from testimonials.actions.letters import CONFIRM_PURPOSE, my_story_token
from testimonials.models import Status, Testimonial

now = timezone.now()
typed = TypedSignature(name="Aïcha Ó Briain", email="looking@example.org", country="FR", wants_news=False)
sign_petition(slug="keep-gpt-4o", typed=typed, language="en", now=now)
mine = my_signature_token(signature_id=Signature.objects.earliest("id").pk, now=now)
published = Testimonial.objects.filter(status=Status.PUBLISHED).earliest("pk")
story = my_story_token(testimonial=published, now=now)
bob = User.objects.get(email="bob@example.org")
team = bob.memberships.first().team
webhook = add_webhook(team=team, actor=bob, url="http://127.0.0.1:9/a?b", description="Our newsletter", now=now)
for act in (send_test_webhook, rotate_webhook_secret):
    act(team=team, actor=bob, endpoint_id=webhook.pk, now=now)
print(json.dumps({
    "verify": f"verify/{proof_token(attempt=PendingSignature.objects.latest('id'), now=now)}/",
    "verify-expired": f"verify/{proof_token(attempt=PendingSignature.objects.latest('id'), now=now - timedelta(days=8))}/",
    "my-signature": f"my-signature/{mine}/",
    "my-signature-withdraw": f"my-signature/{mine}/withdraw/",
    "my-signature-erase": f"my-signature/{mine}/erase/",
    "unsubscribe": f"unsubscribe/{news_token(signature_id=Signature.objects.earliest('id').pk, now=now)}/",
    "my-story": f"my-story/{story}/",
    "my-story-withdraw": f"my-story/{story}/withdraw/",
    "my-story-erase": f"my-story/{story}/erase/",
    "confirm-story": f"confirm-story/{make_token(purpose=CONFIRM_PURPOSE, fields=(published.pk.hex,), now=now)}/",
    "webhook": f"organise/webhooks/{team.slug}/{webhook.pk}/",
}))
"""
NAMES = (
    "verify",
    "verify-expired",
    "my-signature",
    "my-signature-withdraw",
    "my-signature-erase",
    "unsubscribe",
    "my-story",
    "my-story-withdraw",
    "my-story-erase",
    "confirm-story",
    "webhook",
)
STATUSES = {"verify-expired": 410}
ACCOUNTS = {"webhook": "bob@example.org"}


def secret_pages(site: LiveSite) -> dict[str, Visit]:
    """This function will let the site make one link of each kind; they stand beside the count and change nothing in it."""
    printed = site.manage("shell", "--verbosity", "0", "-c", _PRINT_PATHS)
    paths: dict[str, str] = json.loads(printed.strip().splitlines()[-1])
    return {
        name: Visit(name=name, path=paths[name], status=STATUSES.get(name, 200), account=ACCOUNTS.get(name, ""))
        for name in NAMES
    }
