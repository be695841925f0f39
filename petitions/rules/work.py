"""How much work a browser is asked to prove before it signs: none in calm, more the more attempts there are."""

import math

MAX_LEVEL = 6
# PBKDF2-SHA-256 rounds of one try: about 1.5 ms on a laptop and 6 ms on an old phone, and little faster on a graphics
# card than hashing alone would be. The tries then decide how long it takes: level 1 a moment, level 6 some seconds.
ROUNDS_PER_TRY = 5_000
_TRIES_AT_LEVEL_1 = 100


def work_level(*, per_minute: float, calm_rate: float, floor: int) -> int:
    """
    This function will choose the level for a petition: 0 up to the calm rate, one more each time the rate doubles.

    Args: floor: what staff ask for at least, 0 for nothing.
    """
    asked = 0 if per_minute <= calm_rate else 1 + int(math.log2(per_minute / calm_rate))
    return min(MAX_LEVEL, max(asked, floor))


def tries_at(level: int) -> tuple[int, int]:
    """
    This function will say between how many tries the answer lies at a level (1 to MAX_LEVEL), the second one excluded.

    It lies in the upper half, so that nobody is lucky and nobody waits more than twice as long as the next one.
    """
    most = _TRIES_AT_LEVEL_1 * 2 ** (level - 1)
    return most // 2, most


def has_done_enough(*, asked: int, has_proof: bool, is_excused: bool) -> bool:
    """
    This function will tell whether an attempt did what was asked of it.

    Args: is_excused: its page was opened in calm, a short while ago, and asked for nothing.
    A proof counts whatever its level: it is what the page asked for when it was opened, and expires soon.
    """
    return asked == 0 or has_proof or is_excused
