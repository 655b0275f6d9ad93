"""
`make score SEEDS=11,12 BANK=second`: make invented weeks, let the product judge them, print what it found, missed and made up.

`--bank` says where stories and innocent searches come from (`tests/simulation/material.py`): `first`, which those who write
rules may read; `second`, which they may not; or `both`. What was missed of the second bank, and what was false, `--show` tells
by kind and theme alone: a rule mended by the phrases themselves would be examined by its own answers. `--unseal` prints them
all the same; it is for those who mend the bank, and for a bank that is to be given up.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from tests.simulation.material import Bank
from tests.simulation.score import counted, shown, table, totals
from tests.simulation.week import measured

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.score import Score


def main() -> None:
    """Measure each seed; the last line is one JSON object."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument(
        "--lists", type=Path, help="a folder of downloaded lists, to be used besides those that ship"
    )
    parser.add_argument("--show", action="store_true", help="print what was missed and what was false")
    parser.add_argument(
        "--bank", choices=get_args(Bank), default="first", help="where phrases and sites come from"
    )
    parser.add_argument(
        "--unseal", action="store_true", help="with --show, print the second bank's phrases too"
    )
    given = parser.parse_args()
    scores = []
    for seed in map(int, given.seeds.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            scores.append(
                measured(seed, Path(folder) / "school", given.scale, lists=given.lists, bank=given.bank)
            )
    sys.stdout.write(table(scores) + "\n")
    if given.show:
        sys.stdout.write(told(scores, given.bank, unsealed=given.unseal) + "\n")
    sys.stdout.write(json.dumps(totals(scores)) + "\n")


def told(scores: Sequence[Score], bank: Bank, *, unsealed: bool = False) -> str:
    """Return what was missed and what was false: in words, but in numbers alone where the second bank is sealed."""
    return shown(scores) if bank == "first" or unsealed else counted(scores)


if __name__ == "__main__":
    main()
