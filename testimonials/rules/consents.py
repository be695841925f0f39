"""
The wording of every consent that was ever asked for, by version, purpose and language.

A published wording is never changed: a correction is a new version below, and the older ones stay, so that a
consent's row always leads to the sentence that its author read. Hence not in the translation catalogue.
"""

PUBLISH = "publish"
PRESS = "press"
COMPANY = "company"
TRANSLATE = "translate"
PURPOSES = (PUBLISH, PRESS, COMPANY, TRANSLATE)
CURRENT_VERSION = "2026-11"

_WORDINGS: dict[str, dict[str, dict[str, str]]] = {
    "2026-11": {
        PUBLISH: {
            "en": "Publish my story on this campaign's pages, once a moderator has read it",
            "fr": "Publier mon témoignage sur les pages de cette campagne, après relecture par la modération",
        },
        PRESS: {
            "en": "Let journalists quote my published story",
            "fr": "Permettre à des journalistes de citer mon témoignage publié",
        },
        COMPANY: {
            "en": "Send my published story to the company that the campaign addresses",
            "fr": "Transmettre mon témoignage publié à l’entreprise à laquelle la campagne s’adresse",
        },
        TRANSLATE: {
            "en": "Translate my published story into other languages",
            "fr": "Traduire mon témoignage publié dans d’autres langues",
        },
    }
}


def consent_wording(*, purpose: str, language: str, version: str = CURRENT_VERSION) -> str:
    """This function will give the sentence that an author agrees, or once agreed, to; in English if not translated."""
    wordings = _WORDINGS[version][purpose]
    return wordings.get(language, wordings["en"])
