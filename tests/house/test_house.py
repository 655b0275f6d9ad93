"""The rules of the house, held by tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    p for p in (ROOT / "aup_monitor").rglob("*.py") if "migrations" not in p.parts and "_data" not in p.parts
)
COMMITTED = sorted(
    p
    for folder in ("aup_monitor", "rules", "reports/templates", "tests", ".ci")
    for p in (ROOT / folder).rglob("*")
    if p.is_file()
    and p.suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".sh", ".txt", ".html", ".typ", ""}
)


def name(path: Path) -> str:
    """Return a path as a test's name."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_and_public_name_is_documented(path: Path) -> None:
    """A reader finds at the top of each file what it is for, and at each public name what it does."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.read_text(encoding="utf-8").strip():
        assert ast.get_docstring(tree), "no module docstring"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    """No file passes 400 lines and no function 60."""
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno
            assert lines <= 60, f"{node.name} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_names_say_something(path: Path) -> None:
    """No drawer for odds and ends."""
    assert not {"utils", "helpers", "manager", "common", "misc", "base"} & {
        part.strip("_") for part in path.with_suffix("").parts
    }


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_exemptions_carry_their_reason(path: Path) -> None:
    """A silenced check says why on its own line, and nothing is left for later."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if re.search(r"#\s*(noqa|type: ignore)", line):
            assert re.search(r"#\s*(noqa: [A-Z0-9, ]+|type: ignore\[[a-z-]+\]).* - \S", line), (
                f"line {number}: {line.strip()}"
            )
        assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", line), f"line {number}"
        assert not re.search(r"except (Base)?Exception\b|except:", line) or "raise" in _after(path, number), (
            f"line {number}"
        )


def _after(path: Path, number: int) -> str:
    """Return the ten lines after one, where an exception that is caught to tidy up is raised again."""
    return "\n".join(path.read_text(encoding="utf-8").splitlines()[number : number + 10])


@pytest.mark.parametrize("path", COMMITTED, ids=name)
def test_the_project_speaks_of_itself_alone(path: Path) -> None:
    """No path of a machine stands in what is committed."""
    text = path.read_text(encoding="utf-8", errors="replace")
    assert not re.search(
        r"/(work/(main|steering)|root|farm)/", text.replace("(work/(main|steering)|root|farm)", "")
    )


def test_every_command_of_the_readme_exists() -> None:
    """The README names no command that is not there."""
    from aup_monitor.cli import COMMANDS

    named = set(
        re.findall(r"\baup (?:-w \S+ )?([a-z][a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    )
    assert named <= set(COMMANDS)


def test_every_log_class_of_a_format_is_known() -> None:
    """Formats speak the schema's words."""
    from aup_monitor.core.schema import LOG_CLASSES
    from aup_monitor.formats import FORMATS

    assert {fmt.log_class for fmt in FORMATS} <= set(LOG_CLASSES)
    assert len({fmt.name for fmt in FORMATS}) == len(FORMATS)
