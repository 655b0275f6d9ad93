"""
`make capture-conformance SAMPLES=FOLDER`: read real captures of others, and compare with what others read of them.

Every capture below the folder is read. Compared are nDPI's and FoxIO's readings that lie beside captures (see `theirs.py` for their names), and tshark's,
where it is installed. Prints a table, what was recognised and told of the captures that `captures.yml` judges, every kind of
difference, and last a JSON object of the sums.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import click

from tests.capture_conformance.measure import captures, measure
from tests.capture_conformance.report import report


def main() -> int:
    """Measure a folder and print what came of it."""
    options = argparse.ArgumentParser(prog="python -m tests.capture_conformance")
    options.add_argument(
        "folder", type=Path, help="captures, each with what others read of it beside it, if anything"
    )
    given = options.parse_args()
    if not given.folder.is_dir() or not captures(given.folder):
        options.error(f"{given.folder} holds no packet captures")
    for line in report(measure(given.folder)):
        click.echo(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
