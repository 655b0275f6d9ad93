"""Every renderer is a pure function: the same document, the same bytes, on any machine and at any hour."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aup_monitor.render import RENDERERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
REFRESH = "AUP_REFRESH_GOLDENS=1 pytest tests/render/test_render.py -k golden"

ELSEWHERE = """
import hashlib, json, sys
sys.path.insert(0, sys.argv[1])
import documents
from aup_monitor.render import RENDERERS
made = {
    f"{name} {key}": hashlib.sha256(renderer.render(getattr(documents, name)())).hexdigest()
    for name in ("ordinary", "hostile") for key, renderer in RENDERERS.items()
}
print(json.dumps(made))
"""


def test_names_and_suffixes_are_unique() -> None:
    """A renderer is found by its name, and no two write the same file."""
    assert all(name == renderer.name for name, renderer in RENDERERS.items())
    assert len({renderer.suffix for renderer in RENDERERS.values()}) == len(RENDERERS)
    assert set(RENDERERS) == {"html", "pdf", "csv", "figures", "json"}


def test_same_bytes_in_another_process(rendered: Callable[[str, str], bytes]) -> None:
    """Hash seed, time zone, locale, clock and folder of the process leave no mark."""
    surroundings = (
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "SOURCE_DATE_EPOCH": "1"},
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ELSEWHERE, str(HERE)],
            env=os.environ | {"PYTHONPATH": str(HERE.parents[1])} | changes,
            stdout=subprocess.PIPE,
            cwd="/",
        )
        for changes in surroundings
    ]
    here = {
        f"{name} {key}": hashlib.sha256(rendered(name, key)).hexdigest()
        for name in ("ordinary", "hostile")
        for key in RENDERERS
    }
    for process in running:
        assert json.loads(process.communicate()[0]) == here


@pytest.mark.parametrize("key", ["html", "csv", "figures", "json"])
def test_golden(documents: ModuleType, key: str) -> None:
    """A small report is, word for word, what a person approved."""
    made = RENDERERS[key].render(documents.document(5))
    if key == "html":  # The paths within a chart are matplotlib's and change with its version.
        made = re.sub(rb"</desc>.*?</svg>", b"</desc></svg>", made, flags=re.DOTALL)
    file = GOLDEN / f"five{RENDERERS[key].suffix}"
    if os.environ.get("AUP_REFRESH_GOLDENS"):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(made)
    assert file.read_bytes() == made, f"if the change is meant: {REFRESH}"


@pytest.mark.parametrize("key", sorted(RENDERERS))
@pytest.mark.parametrize("count", [0, 1, 300])
def test_any_number_of_incidents(documents: ModuleType, key: str, count: int) -> None:
    """None, one and hundreds all render."""
    assert RENDERERS[key].render(documents.document(count))
