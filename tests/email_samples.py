"""
For each kind of mail a context as its action would owe it. A folder under templates/emails/ without one fails the tests.

The texts are such as people type: quotes, ampersands, other scripts, one very long word.
"""

from typing import Any

SITE = "https://keep4o.example"
TITLE = 'Keep GPT-4o available & "as it is"'
NAME = "Zoé O'Neill <zoe> 🌸 Anticonstitutionnellement-Donaudampfschifffahrtsgesellschaft"
TOKEN = "42.Qm9ifQ.1tXyZa~3q2-7wAbCdEfGhIjKlMnOpQrStUvWxYz0123456789_A"
MY_SIGNATURE = f"{SITE}/en/my-signature/{TOKEN}/"
PETITION = f"{SITE}/en/petitions/keep-gpt-4o/"

_SIGNING = {"title": TITLE, "petition_url": PETITION, "name": NAME, "country": "Côte d’Ivoire", "wants_news": True}
_MILESTONE = {
    "petition_title": TITLE,
    "threshold": 20_000,
    "reached_at": "2 March 2026, 13:00",
    "timezone": "Europe/Paris",
    "petition_url": PETITION,
    "milestone_url": f"{PETITION}milestones/20000/",
}
_STORY = {
    "campaign_title": "Keep 4o",
    "my_story_url": f"{SITE}/en/my-story/{TOKEN}/",
    "crisis_resources": [
        {"name": "3114", "phone": "3114", "note": "24 h", "url": "https://3114.fr/"},
        {"name": "Samaritans", "phone": "116 123", "note": "24 h", "url": ""},
    ],
}

EMAIL_SAMPLES: dict[str, dict[str, Any]] = {
    # --- accounts
    "account_changed": {
        "change": "The password of your account was changed.",
        "account_url": f"{SITE}/en/accounts/email/",
    },
    "account_exists": {
        "sign_in_url": f"{SITE}/en/accounts/login/",
        "reset_url": f"{SITE}/en/accounts/password/reset/",
    },
    "account_login_code": {"code": "K7QH-2MPX"},
    "account_password_reset": {"reset_url": f"{SITE}/en/accounts/password/reset/key/1-cx2abc-0a1b2c/"},
    "account_role_granted": {
        "team": "Keep 4o & friends",
        "role": "Organiser",
        "sign_in_url": f"{SITE}/en/accounts/login/code/",
    },
    "account_unknown": {"sign_up_url": f"{SITE}/en/accounts/signup/"},
    "account_verify_email": {"code": "K7QH-2MPX"},
    "webhook_disabled": {
        "team": "Keep 4o & friends",
        "description": "our newsletter & <wall>",
        "is_gone": False,
        "webhook_url": f"{SITE}/en/organise/webhooks/keep4o/1/",
    },
    # --- petitions
    "already_signed": {**_SIGNING, "my_signature_url": MY_SIGNATURE},
    "milestone_news": {
        **_MILESTONE,
        "my_signature_url": MY_SIGNATURE,
        "unsubscribe_url": f"{SITE}/en/unsubscribe/{TOKEN}/",
    },
    "milestone_reached": {**_MILESTONE, "organise_url": f"{SITE}/en/organise/petitions/keep-gpt-4o/"},
    "signature_confirmed": {**_SIGNING, "my_signature_url": MY_SIGNATURE},
    "tally_drift": {
        "petition_title": TITLE,
        "petition_url": PETITION,
        "organise_url": f"{SITE}/en/organise/petitions/keep-gpt-4o/integrity/",
        "found_at": "2 March 2026, 13:00",
        "timezone": "Europe/Paris",
        "shown": 20_001,
        "right": 20_000,
        "repair": 3,
    },
    "verify_signature": {
        **_SIGNING,
        "addressee": "OpenAI",
        "proof_url": f"{SITE}/en/verify/{TOKEN}/",
        "lifetime_days": 7,
        "kept_days": 14,
        "postcode": "75011",
        "answers": [["What do you use it for most?", "Company & support"], ["Why?", "It's <kind>."]],
        "comment": "It helped me through a hard winter.\nI'd miss it & its <voice>.",
        "name_shown": "initials",
    },
    # --- testimonials
    "story_confirm": {**_STORY, "confirm_url": f"{SITE}/en/stories/confirm/{TOKEN}/", "lifetime_days": 14},
    "story_declined": {
        **_STORY,
        "reason_title": "It names somebody else",
        "reason_explanation": "We publish no story in which another person can be recognised.",
        "message": "Thank you for writing.\nPlease leave your doctor's name out & send it again.",
        "contact_email": "contact@keep4o.example",
    },
    "story_published": {**_STORY, "story_url": f"{SITE}/en/campaigns/keep4o/stories/12/"},
}
