"""The words of the demo's second petition: its text, its questions, its consent, and what its supporters say."""

from dataclasses import dataclass

from petitions.models import NameShown, QuestionKind

TITLES = {
    "en": (
        "Six months' notice before a model goes",
        "Whoever retires a model that people work and live with should say so half a year ahead, and let them choose when to move.",
    ),
    "fr": (
        "Six mois de préavis avant le retrait d’un modèle",
        "Quiconque retire un modèle avec lequel des gens travaillent et vivent devrait l’annoncer six mois à l’avance et les laisser choisir quand partir.",
    ),
}
BODIES = {
    "en": "We ask every provider of language models for **six months' notice**, in the product and by mail, before a model is withdrawn.\n\n*This petition is part of the demonstration: no real person is among its signatures.*",
    "fr": "Nous demandons à chaque fournisseur de modèles de langue un **préavis de six mois**, dans le produit et par courriel, avant qu’un modèle soit retiré.\n\n*Cette pétition fait partie de la démonstration : aucune personne réelle ne figure parmi ses signatures.*",
}
CONSENTS = (
    {"en": "Write to me about this petition.", "fr": "Écrivez-moi au sujet de cette pétition."},
    {
        "en": "Write to me when this petition reaches a milestone or gets an answer: once a month at most.",
        "fr": "Écrivez-moi quand cette pétition franchit un palier ou reçoit une réponse : une fois par mois au plus.",
    },
)


@dataclass(frozen=True, kw_only=True)
class DemoQuestion:
    kind: QuestionKind
    labels: dict[str, str]
    options: tuple[dict[str, str], ...] = ()
    weights: tuple[int, ...] = ()  # how often each option is chosen; the rest of a hundred answers nothing


@dataclass(frozen=True, kw_only=True)
class DemoVoice:
    name: str
    shown: NameShown
    country: str
    language: str
    comment: str
    decision: str = ""  # "publish", "decline", or "" while it waits


QUESTIONS = (
    DemoQuestion(
        kind=QuestionKind.CHOICE,
        labels={"en": "What did you use GPT-4o for most?", "fr": "À quoi GPT-4o vous servait-il surtout ?"},
        options=(
            {"en": "Work", "fr": "Le travail"},
            {"en": "Writing and art", "fr": "L’écriture et l’art"},
            {"en": "Learning", "fr": "L’apprentissage"},
            {"en": "Company", "fr": "Une compagnie"},
            {"en": "Help with a disability", "fr": "Une aide face à un handicap"},
        ),
        weights=(34, 23, 11, 17, 6),
    ),
    DemoQuestion(
        kind=QuestionKind.CHOICE,
        labels={"en": "How did you learn that it would go?", "fr": "Comment avez-vous appris son retrait ?"},
        options=(
            {"en": "From the provider", "fr": "Par le fournisseur"},
            {"en": "From the press or a friend", "fr": "Par la presse ou par quelqu’un"},
            {"en": "When it was gone", "fr": "Quand il n’était plus là"},
        ),
        weights=(14, 31, 40),
    ),
    DemoQuestion(
        kind=QuestionKind.TEXT,
        labels={
            "en": "What would six months have changed for you?",
            "fr": "Qu’est-ce que six mois auraient changé pour vous ?",
        },
    ),
)
SHORT_ANSWERS = (
    "I would have moved my forty templates one by one.",
    "J’aurais fini la saison avec ma troupe.",
    "Time to find something else that reads my handwriting.",
    "Nothing but the shock. That is a lot.",
    "J’aurais pu prévenir mes élèves.",
    "My thesis was due in May.",
)
VOICES = (
    DemoVoice(name="Imke de Vries", shown=NameShown.FULL, country="NL", language="en", comment="A landlord gives notice. A bus line gives notice. I do not see why this should be different.", decision="publish"),
    DemoVoice(name="Maëlle Le Goff", shown=NameShown.INITIALS, country="FR", language="fr", comment="On ne demande pas que rien ne change. On demande à le savoir avant, et pas le matin même.", decision="publish"),
    DemoVoice(name="R. Whitfield", shown=NameShown.HIDDEN, country="GB", language="en", comment="I run a helpline. Three people rang us that week because a voice they were used to had gone overnight. Six months would have been a kindness that costs nothing.", decision="publish"),
    DemoVoice(name="Yuki Tanaka", shown=NameShown.INITIALS, country="JP", language="en", comment="My students and I had one term of exercises built on it. Please let teachers plan.", decision="publish"),
    DemoVoice(name="Jean-Luc de la Tour", shown=NameShown.INITIALS, country="BE", language="fr", comment="Je suis traducteur. Mes clients ont des délais, eux aussi.", decision="publish"),
    DemoVoice(name="Someone", shown=NameShown.FULL, country="US", language="en", comment="BUY FOLLOWERS AT A GOOD PRICE", decision="decline"),
    DemoVoice(name="Amara Okafor", shown=NameShown.FULL, country="", language="en", comment="Say it early and say it plainly. People can bear a lot if they are told."),
    DemoVoice(name="Élodie Martin", shown=NameShown.HIDDEN, country="FR", language="fr", comment="Je suis dyslexique : changer d’outil me prend des semaines. Un préavis, c’est la différence entre s’adapter et tomber."),
    DemoVoice(name="Tom", shown=NameShown.INITIALS, country="AU", language="en", comment="Six months is short. It is still six months more than we had."),
)  # fmt: skip
