"""
`make conformance SAMPLES=FOLDER`: read real logs of others, and compare with what others read of them.

Prints a table by format, every difference, every file that no format reads, and last a JSON object of the sums.
`--write` keeps the figures in `rules/facts/formats_checked.yml`, which `aup formats` shows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import click

from tests.conformance.kept import write
from tests.conformance.measure import measure
from tests.conformance.report import report
from tests.conformance.samples import walk


def main() -> int:
    """Measure a folder and print what came of it; 1 if something differs that nobody explained."""
    options = argparse.ArgumentParser(prog="python -m tests.conformance")
    options.add_argument(
        "folder", type=Path, help="logs, each with its expected parse beside it if there is one"
    )
    options.add_argument("--write", action="store_true", help="keep the figures for `aup formats`")
    given = options.parse_args()
    if not given.folder.is_dir():
        options.error(f"{given.folder} is no folder")
    findings = measure(walk(given.folder))
    for line in report(findings):
        click.echo(line)
    if given.write:
        write(findings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
