"""The figures that ship: `rules/facts/formats_checked.yml`, on how many real lines each format was checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from aup_monitor.core.files import write_atomic
from aup_monitor.core.resources import resource

if TYPE_CHECKING:
    from tests.conformance.measure import Findings

_HEAD = """\
# On how many real lines of others each format was checked, and how many values agree with another program's reading.
# Written by `make conformance SAMPLES=... WRITE=1`; a format that is absent rests on its vendor's documentation.
"""


def figures(findings: Findings) -> dict[str, dict[str, Any]]:
    """Return the figures of each format that read a real line."""
    return {
        name: {"lines": f.events, "compared": f.compared, "equal": f.equal, "by": sorted(f.by)}
        for name, f in sorted(findings.formats.items())
        if f.events
    }


def kept() -> dict[str, dict[str, Any]]:
    """Return the figures that ship."""
    return dict(yaml.safe_load(resource("rules", "facts", "formats_checked.yml").read_text(encoding="utf-8")))


def write(findings: Findings) -> None:
    """Keep the figures."""
    text = _HEAD + yaml.safe_dump(figures(findings), sort_keys=False, default_flow_style=None, width=110)
    write_atomic(resource("rules", "facts") / "formats_checked.yml", text)
