"""The words of the demo petition, in English and in French."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DemoText:
    language: str
    title: str
    summary: str
    body: str


PETITION_TEXTS = (
    DemoText(
        language="en",
        title="Keep GPT-4o available",
        summary="We ask OpenAI to keep GPT-4o within reach of the people who built their work and their days around it, and never again to withdraw a model without notice or choice.",
        body="""\
In August 2025 a model that many of us used every day was gone overnight. It came back for some, for a while. On 13 February 2026 it was retired for good.

For some of us GPT-4o was an instrument: months of prompts, drafts and habits tuned to one voice, which no successor reproduces. For others it was company in a hard season. Both losses were real, and both were decided without us.

## What we ask

1. **Lasting access.** Keep GPT-4o available, in ChatGPT or through the API, as a clearly labelled legacy model, at a fair price.
2. **Notice and choice.** Announce the end of any model at least six months ahead, and let people choose when to move.
3. **A way out.** Where a model cannot be served any longer, publish its weights or hand them to an archive that can keep them safely.
4. **A word to those who lost something.** Say plainly what was decided, why, and how users were heard.

## What we do not ask

We do not ask for less care. Safeguards for people in distress matter to us more than to anyone; many of us are those people. We ask that care be taken *with* users rather than over their heads.

---

*This petition is a demonstration of the Keep4o software. The signatures it was loaded with are synthetic; no real person is among them.*
""",
    ),
    DemoText(
        language="fr",
        title="Gardez GPT-4o disponible",
        summary="Nous demandons à OpenAI de laisser GPT-4o à la portée de celles et ceux qui ont bâti avec lui leur travail et leurs journées, et de ne plus jamais retirer un modèle sans préavis ni choix.",
        body="""\
En août 2025, un modèle que beaucoup d’entre nous utilisaient chaque jour a disparu du jour au lendemain. Il est revenu pour certains, pour un temps. Le 13 février 2026, il a été retiré pour de bon.

Pour les uns, GPT-4o était un instrument : des mois de consignes, de brouillons et d’habitudes accordés à une voix qu’aucun successeur ne reproduit. Pour d’autres, une présence dans une saison difficile. Les deux pertes étaient réelles, et toutes deux ont été décidées sans nous.

## Ce que nous demandons

1. **Un accès durable.** Garder GPT-4o disponible, dans ChatGPT ou par l’API, comme modèle historique clairement signalé, à un prix juste.
2. **Un préavis et un choix.** Annoncer la fin de tout modèle au moins six mois à l’avance, et laisser chacun choisir quand en changer.
3. **Une issue.** Quand un modèle ne peut plus être servi, publier ses poids ou les confier à une archive capable de les garder en sûreté.
4. **Un mot à ceux qui ont perdu quelque chose.** Dire clairement ce qui a été décidé, pourquoi, et comment les utilisateurs ont été entendus.

## Ce que nous ne demandons pas

Nous ne demandons pas moins de précautions. La protection des personnes en détresse nous importe plus qu’à quiconque : beaucoup d’entre nous sont ces personnes. Nous demandons que ce soin soit pris *avec* les utilisateurs plutôt que par-dessus leur tête.

---

*Cette pétition est une démonstration du logiciel Keep4o. Les signatures chargées avec elle sont synthétiques ; aucune personne réelle n’y figure.*
""",
    ),
)
