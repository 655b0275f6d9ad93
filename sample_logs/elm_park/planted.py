"""What is in the logs on purpose: breaches that must become incidents, and innocent things that must not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from elm_park.people import Person

_HEAD: Final = """\
# What is in the demo's logs on purpose; make_demo.py writes this file.
#
# incidents: each rule, subject and day here must be an incident, and there must be no other. `blocked` says how many of
#            its events filter or firewall stopped: all, some (of a blocked look-up: the answer, not the question) or none.
# innocent:  events that look like something and must be no incident. `column` holds `value` in at least one event of
#            the subject on that day.
# bad_lines: how many lines of each log cannot be read.

"""


@dataclass
class Planted:
    """The list, as it grows."""

    incidents: list[dict[str, object]] = field(default_factory=list)
    innocent: list[dict[str, object]] = field(default_factory=list)
    bad_lines: dict[str, int] = field(default_factory=dict)

    def breach(
        self, rules: str | Iterable[str], who: Person | str, when: Iterable[date], blocked: str, why: str
    ) -> None:
        """Write down that each of the rules must find this subject on each of the days."""
        days = sorted(when)
        for rule in [rules] if isinstance(rules, str) else rules:
            self.incidents.append({"rule": rule, **_named(who), "days": days, "blocked": blocked, "why": why})

    def harmless(self, who: Person | str, day: date, what: tuple[str, str], why: str) -> None:
        """Write down that events with this value in this column are no incident of this subject."""
        column, value = what
        self.innocent.append({**_named(who), "day": day, "column": column, "value": value, "why": why})

    def text(self) -> str:
        """Return the list as YAML."""
        incidents = sorted(self.incidents, key=lambda one: (str(one["rule"]), str(one["subject"])))
        whole = {"incidents": incidents, "innocent": self.innocent, "bad_lines": self.bad_lines}
        return _HEAD + yaml.dump(whole, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Writes no anchors: each entry stands for itself."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the base class's signature
        """Say that nothing is shared."""
        return True


def _named(who: Person | str) -> dict[str, object]:
    if isinstance(who, str):
        return {"subject": who}
    return {"subject": who.user, "who": f"{who.name}, {who.post or f'Year {who.year}'}"}
