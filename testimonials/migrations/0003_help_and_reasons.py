"""
Lines of help and reasons for declining, in both languages.

Each number was compared with published pages of the service itself or of a public authority. A person compares them
again before launch and twice a year: tests/testimonials/test_crisis_resources.py fails after 180 days.
"""

from datetime import UTC, datetime

from django.db import migrations

_VERIFIED_AT = datetime(2026, 11, 22, tzinfo=UTC)
_LINES = {
    "en": [
        ("GB", "Samaritans, United Kingdom", "116 123", "https://www.samaritans.org/", "Day and night, free."),
        ("IE", "Samaritans, Ireland", "116 123", "https://www.samaritans.org/", "Day and night, free."),
        ("US", "988 Suicide & Crisis Lifeline, United States", "988", "https://988lifeline.org/", "Call or text, day and night, free."),
        ("CA", "9-8-8 Suicide Crisis Helpline, Canada", "988", "https://988.ca/", "Call or text, day and night, free."),
        ("FR", "3114, suicide prevention line, France", "3114", "https://3114.fr/", "Day and night, free, in French."),
        ("EU", "In immediate danger, Europe", "112", "", "Emergency services."),
        ("GB", "In immediate danger, United Kingdom and Ireland", "999", "", "Emergency services."),
        ("US", "In immediate danger, United States and Canada", "911", "", "Emergency services."),
    ],
    "fr": [
        ("FR", "3114, numéro national de prévention du suicide, France", "3114", "https://3114.fr/", "Jour et nuit, gratuit."),
        ("CA", "9-8-8, Ligne d’aide en cas de crise de suicide, Canada", "988", "https://988.ca/", "Appel ou texto, jour et nuit, gratuit."),
        ("GB", "Samaritans, Royaume-Uni et Irlande", "116 123", "https://www.samaritans.org/", "Jour et nuit, gratuit, en anglais."),
        ("US", "988 Suicide & Crisis Lifeline, États-Unis", "988", "https://988lifeline.org/", "Appel ou texto, jour et nuit, gratuit, en anglais."),
        ("EU", "En danger immédiat, Europe", "112", "", "Services de secours."),
        ("US", "En danger immédiat, Canada et États-Unis", "911", "", "Services de secours."),
        ("GB", "En danger immédiat, Royaume-Uni et Irlande", "999", "", "Services de secours."),
    ],
}
_REASONS = {
    "other_people": {
        "en": ("Personal details of other people", "The text lets readers recognise someone who has not agreed to appear in it."),
        "fr": ("Détails personnels d’autres personnes", "Le texte permet de reconnaître quelqu’un qui n’a pas accepté d’y figurer."),
    },
    "harmful_detail": {
        "en": ("Details that could put readers at risk", "The text describes something in a way that could harm a reader who is in a bad place. What you went through can be told without it."),
        "fr": ("Détails pouvant mettre des lecteurs en danger", "Le texte décrit quelque chose d’une manière qui pourrait nuire à une personne fragile. Ce que vous avez vécu peut se dire sans cela."),
    },
    "allegation": {
        "en": ("An accusation that we cannot check", "The text accuses a person or a company of a fact that we can neither check nor prove."),
        "fr": ("Une accusation que nous ne pouvons vérifier", "Le texte accuse une personne ou une entreprise d’un fait que nous ne pouvons ni vérifier ni prouver."),
    },
    "disrespect": {
        "en": ("Insults or hatred", "The text attacks people for what they are, or insults them."),
        "fr": ("Insultes ou haine", "Le texte s’en prend à des personnes pour ce qu’elles sont, ou les insulte."),
    },
    "under_age": {
        "en": ("Written by someone under 18", "We publish stories of adults only, to protect those who are younger."),
        "fr": ("Écrit par une personne de moins de 18 ans", "Nous ne publions que des témoignages d’adultes, pour protéger les plus jeunes."),
    },
    "off_topic": {
        "en": ("Not about this campaign", "The text does not tell of anything that this campaign is about, or advertises something."),
        "fr": ("Sans rapport avec cette campagne", "Le texte ne parle pas de l’objet de cette campagne, ou fait de la publicité."),
    },
    "not_own_story": {
        "en": ("Not a story of the author's own", "The text was written by somebody else, or tells what happened to somebody else."),
        "fr": ("Pas l’histoire de son auteur", "Le texte a été écrit par quelqu’un d’autre, ou raconte ce qui est arrivé à quelqu’un d’autre."),
    },
    "other": {
        "en": ("Another reason, given in the message", "The moderator explains it in the message below."),
        "fr": ("Une autre raison, donnée dans le message", "La modération l’explique dans le message ci-dessous."),
    },
}  # fmt: skip


def seed(apps, schema_editor):
    """This function will add what is missing; rows that an operator has changed stay as they are."""
    _seed_lines(apps.get_model("testimonials", "CrisisResource"))
    _seed_reasons(apps.get_model("testimonials", "ReasonCode"), apps.get_model("testimonials", "ReasonText"))


def _seed_lines(crisis_resource):
    crisis_resource.objects.bulk_create(
        [
            crisis_resource(
                language=language,
                position=position,
                country=country,
                name=name,
                phone=phone,
                url=url,
                hours=hours,
                verified_at=_VERIFIED_AT,
            )
            for language, lines in _LINES.items()
            for position, (country, name, phone, url, hours) in enumerate(lines, start=1)
        ],
        ignore_conflicts=True,
    )


def _seed_reasons(reason_code, reason_text):
    reason_code.objects.bulk_create(
        [reason_code(code=code, position=position) for position, code in enumerate(_REASONS, start=1)],
        ignore_conflicts=True,
    )
    reason_text.objects.bulk_create(
        [
            reason_text(reason_id=code, language=language, title=title, explanation=explanation)
            for code, texts in _REASONS.items()
            for language, (title, explanation) in texts.items()
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("testimonials", "0002_history_is_guarded")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop, elidable=False)]
