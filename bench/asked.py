"""What the command line asks for."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bench.pace import FULL, QUICK, Pace

ROW_NAMES = ("accept", "prove", "whole", "page", "count", "fold", "export", "growth")


@dataclass(frozen=True)
class Wish:
    """The rows to measure, and how thoroughly."""

    names: tuple[str, ...]
    pace: Pace

    @property
    def is_everything(self) -> bool:
        return self.names == ROW_NAMES


def read(arguments: Sequence[str]) -> Wish:
    """This function will read the words behind `./run bench`; argparse ends the process over a word it does not know."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if unknown := [name for name in asked.rows if name not in ROW_NAMES]:
        parser.error(f"there is no row {', '.join(unknown)}: there are {', '.join(ROW_NAMES)}")
    pace = QUICK if asked.quick else FULL
    changes = {name: getattr(asked, name) for name in ("rounds", "seconds", "entries") if getattr(asked, name)}
    if asked.sizes:
        changes["sizes"] = tuple(asked.sizes)
    return Wish(
        names=tuple(name for name in ROW_NAMES if name in (asked.rows or ROW_NAMES)), pace=replace(pace, **changes)
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run bench",
        description="Measures the site's work beside limits of this machine, in turn, on engines of its own.",
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(ROW_NAMES)}")
    parser.add_argument("--quick", action="store_true", help="a second of each, to see that it runs; no measurement")
    parser.add_argument("--rounds", type=int, help="how often work and limit are measured in turn (5)")
    parser.add_argument("--seconds", type=float, help="how long each of them (4)")
    parser.add_argument("--entries", type=int, help="how many entries the fold has before it (200000)")
    parser.add_argument(
        "--sizes", type=_sizes, help="signatures of the petitions of `growth`: 100,1000000 or 100,1000000,10000000"
    )
    return parser


def _sizes(text: str) -> list[int]:
    return sorted(int(part) for part in text.replace("_", "").split(","))
