"""Names for moderators that say nothing about them and need no translation: a tree's botanical name and a number."""

import random

_TREES = (
    "Abies", "Acer", "Alnus", "Betula", "Buxus", "Carpinus", "Castanea", "Cedrus", "Cornus", "Corylus", "Cupressus",
    "Fagus", "Ficus", "Fraxinus", "Ginkgo", "Ilex", "Juglans", "Juniperus", "Larix", "Laurus", "Magnolia", "Malus",
    "Morus", "Olea", "Picea", "Pinus", "Platanus", "Populus", "Prunus", "Quercus", "Salix", "Sambucus", "Sequoia",
    "Sorbus", "Taxus", "Tilia", "Ulmus", "Viburnum",
)  # fmt: skip


def random_pseudonym(*, chance: random.Random) -> str:
    """This function will draw one of about 34,000 names; who it stands for is known to the database alone."""
    return f"{chance.choice(_TREES)} {chance.randrange(100, 1000)}"
