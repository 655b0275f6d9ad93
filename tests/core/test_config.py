"""Settings, and what wrong ones are told."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.config import TEMPLATE, read_config
from aup_monitor.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
school = "Elm Park School"
[sites.main]
name = "Elm Park"
[sites.main.half_terms]
"2026-autumn-1" = [2026-09-02, 2026-10-23]
"""


def write(folder: Path, text: str) -> Path:
    """Write an `aup.toml` and return its path."""
    path = folder / "aup.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults(tmp_path: Path) -> None:
    """A school, a site and its half-terms are all that a school must say."""
    config = read_config(write(tmp_path, GOOD))
    assert config.first_site == "main"
    assert config.sites["main"].calendar().half_terms[0].start == date(2026, 9, 2)
    assert config.policies == ("the-learning-alliance", "pupils")


def test_template_is_valid(tmp_path: Path) -> None:
    """What `aup init` writes can be read."""
    text = TEMPLATE.format(school="Elm Park", half_terms='"2026-autumn-1" = [2026-09-02, 2026-10-23]')
    assert read_config(write(tmp_path, text)).school == "Elm Park"


def test_template_examples_are_valid(tmp_path: Path) -> None:
    """So can its examples, with their # taken away."""
    text = TEMPLATE.format(school="Elm Park", half_terms="")
    shown = "\n".join(
        line.removeprefix("# ")
        if line.startswith(
            (
                "# [",
                "# path",
                "# site",
                "# role",
                "# network",
                "# kind",
                "# log_class",
                "# time",
                "# columns",
                "# outcome",
            )
        )
        else line
        for line in text.splitlines()
    )
    config = read_config(write(tmp_path, shown))
    assert config.sources[0].site == "main"
    assert config.role_rules[0].network == "10.20.0.0/16"
    assert config.formats["our-filter"].sources[0] == "Time"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("school =", "schol ="), r"aup\.toml(:1)?: .*school.*"),
        (GOOD + 'zone = "x"\n', r"aup\.toml:6: .*zone"),
        (
            GOOD.replace('name = "Elm Park"', 'name = "Elm Park"\nzone = "Europe/Londn"'),
            r":4: .*'Europe/Londn' is no IANA",
        ),
        (GOOD.replace("2026-autumn-1", "2026-atumn-1"), r"2026-atumn-1.*is not understood"),
        (GOOD.replace("2026-10-23", "2026-08-23"), "ends .* before it starts"),
        (GOOD.replace("[sites.main", "[sites.Main School"), "not TOML"),
        ("school = 'x'\nsites = {}\n", "there is no site"),
        ("version = 99\n" + GOOD, "version 99.*not known"),
        (GOOD + "[[sources]]\npath = 'a'\nsite = 'hill'\n", "names site 'hill'"),
        (GOOD + "[[roles]]\nrole = 'pupil'\n", "a role needs user, group or network"),
        (GOOD + "[[roles]]\nrole = 'pupil'\nuser = '('\n", "no regular expression"),
        (GOOD + "[[roles]]\nrole = 'pupil'\nnetwork = '10.20'\n", "no network"),
        (
            GOOD + "[approved]\nresolvers = ['dc01']\n",
            r":\d+: approved\.resolvers: 'dc01'.*write for example",
        ),
        (GOOD + "[[roles]]\nrole = 'cook'\nuser = 'x'\n", r":\d+: roles\.0\.role"),
    ],
)
def test_wrong_settings_are_located(tmp_path: Path, text: str, message: str) -> None:
    """Each error names the file, the line where it can, and what to do next."""
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(write(tmp_path, text))
    assert "aup.toml" in str(caught.value)
    assert "Next:" in str(caught.value)


def test_missing_and_unreadable_files(tmp_path: Path) -> None:
    """No file, and a file in another encoding, are told apart."""
    with pytest.raises(ConfigError, match=r"no such file[\s\S]*aup init"):
        read_config(tmp_path / "aup.toml")
    path = tmp_path / "aup.toml"
    path.write_bytes("school = 'Élm'".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_config(path)


def test_notepad_byte_order_mark(tmp_path: Path) -> None:
    """The byte-order mark that Windows Notepad writes does no harm."""
    path = tmp_path / "aup.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_config(path).school == "Elm Park School"
