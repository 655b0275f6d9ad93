# noqa: INP001 - a script, which stands beside the package that it uses
"""
Write the demo school's logs, list of people and list of what was planted: `python sample_logs/make_demo.py [FOLDER]`.

Without a folder it writes into `demo/` beside itself. It needs nothing but PyYAML, and writes the same each time.
`demo/aup.toml`, `demo/self_reports.yml` and `demo/decisions.yml` are written by hand.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parent))

from elm_park import breaches_computer, breaches_guest, breaches_web, breaches_wireless, everyday, innocent
from elm_park.damage import spoil
from elm_park.people import people_csv
from elm_park.school import School
from elm_park.term import AUTUMN, SUMMER, days, weekdays

PLANTS: Final = (breaches_web, breaches_wireless, breaches_guest, breaches_computer, innocent)
_CHANGED: Final = """\
# When each log file was changed last. git does not keep this, and times without a year need it (pihole.log).
"""


def make(folder: Path) -> None:
    """Write everything into a folder; its older logs are taken away first."""
    school = School()
    live_through(school)
    for plants in PLANTS:
        plants.plant(school)
    school.planted.bad_lines = spoil(school)
    shutil.rmtree(folder / "logs", ignore_errors=True)
    changed = school.book.write(folder / "logs")
    times = "".join(f"logs/{path}: {moment.isoformat()}\n" for path, moment in changed.items())
    (folder / "MTIMES.yml").write_text(_CHANGED + times, encoding="utf-8")
    (folder / "people.csv").write_text(people_csv(school.people), encoding="utf-8")
    (folder / "PLANTED.yml").write_text(school.planted.text(), encoding="utf-8")


def live_through(school: School) -> None:
    """Go through the ordinary days."""
    for day in weekdays(*SUMMER):
        everyday.web(school, day)
    for day in weekdays(*AUTUMN):
        everyday.web(school, day)
        everyday.wireless(school, day)
        everyday.own_devices(school, day)
        everyday.computers(school, day)
    for day in days(*AUTUMN):
        if day.weekday() >= 5:
            everyday.quiet_web(school, day)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "demo")
