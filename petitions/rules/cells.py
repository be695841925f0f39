"""What a table may show: small cells are hidden from the public, and no cell is a formula. Plain Python."""

from collections.abc import Sequence

SMALLEST_PUBLIC_CELL = 5
WITHHELD = "withheld"


def public_cell(n: int) -> int | str:
    """This function will hide how few people stand behind a cell of a public table: 1 to 4 read as «<5»."""
    return f"<{SMALLEST_PUBLIC_CELL}" if 0 < n < SMALLEST_PUBLIC_CELL else n


def public_cells(ns: Sequence[int]) -> list[int | str]:
    """
    This function will hide the small cells of a table whose sum is known: 1 to 4 read as «<5».

    The sum of what is hidden is the total minus what is shown. Where that alone would tell a hidden cell (there is one
    only, or all must be 1 or all 4), the smallest other cells read «withheld», as few as needed.
    """
    shown = [public_cell(n) for n in ns]
    hidden = [n for n in ns if 0 < n < SMALLEST_PUBLIC_CELL]
    others = sorted((n, index) for index, n in enumerate(ns) if n >= SMALLEST_PUBLIC_CELL)
    withheld: list[int] = []
    while hidden and others and _can_be_told(hidden, withheld, smallest_shown=others[0][0]):
        n, index = others.pop(0)
        withheld.append(n)
        shown[index] = WITHHELD
    return shown


def _can_be_told(hidden: list[int], withheld: list[int], *, smallest_shown: int) -> bool:
    """This function will tell whether the sum of the cells not shown leaves a single sum for the small ones."""
    k, most = len(hidden), len(hidden) * (SMALLEST_PUBLIC_CELL - 1)
    if not withheld:
        return k == 1 or sum(hidden) in (k, most)
    not_shown = sum(hidden) + sum(withheld)
    lowest = max(k, not_shown - len(withheld) * smallest_shown)
    highest = min(most, not_shown - len(withheld) * SMALLEST_PUBLIC_CELL)
    return lowest >= highest


def formula_safe(cell: str) -> str:
    """This function will keep a spreadsheet from reading a cell as a formula (OWASP, «CSV injection»)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
