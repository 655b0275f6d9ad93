"""`make score SEEDS=11,12`: make invented weeks, let the product judge them, print what it found, missed and made up."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.simulation.score import shown, table, totals
from tests.simulation.week import measured


def main() -> None:
    """Measure each seed; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument(
        "--lists", type=Path, help="a folder of downloaded lists, to be used besides those that ship"
    )
    parser.add_argument("--show", action="store_true", help="print what was missed and what was false")
    given = parser.parse_args()
    scores = []
    for seed in map(int, given.seeds.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            scores.append(measured(seed, Path(folder) / "school", given.scale, given.lists))
    sys.stdout.write(table(scores) + "\n")
    if given.show:
        sys.stdout.write(shown(scores) + "\n")
    sys.stdout.write(json.dumps(totals(scores)) + "\n")


if __name__ == "__main__":
    main()
