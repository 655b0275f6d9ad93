"""What a wrong description of a format is told: the file, the line, the key, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.config import read_config
from aup_monitor.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

BEGIN = 'school = "Elm Park"\n[sites.main]\nname = "Elm Park"\n[[sources]]\npath = "a"\nformat = "ours"\n'
GOOD = """\
[formats.ours]
kind = "csv"
log_class = "web"
time = { column = "Time", format = "%d/%m/%Y %H:%M:%S" }
columns = { user_name = "User|Login", url_full = "URL" }
outcome = { column = "Action", allowed = ["Allowed"], blocked = ["Blocked"] }
"""


def write(folder: Path, text: str) -> Path:
    """Write an `aup.toml` with this format and return its path."""
    path = folder / "aup.toml"
    path.write_text(BEGIN + text, encoding="utf-8")
    return path


def test_a_good_description(tmp_path: Path) -> None:
    """Its columns are known, the time's first."""
    spec = read_config(write(tmp_path, GOOD)).formats["ours"]
    assert spec.sources == ("Time", "Action", "User", "Login", "URL")
    assert spec.filled == {"user_name": "User|Login", "url_full": "URL"}


def test_groups_named_like_columns_fill_them(tmp_path: Path) -> None:
    """The settings come on top."""
    text = "[formats.ours]\nkind = 'regex'\ntime = {}\npattern = '(?<time>x)(?<source_ip>y)(?<who>z)'\ncolumns = { user_name = 'who' }\n"
    assert read_config(write(tmp_path, text)).formats["ours"].filled == {
        "source_ip": "source_ip",
        "user_name": "who",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("user_name =", "usr_name =", r"aup\.toml:11: formats\.ours\.columns: 'usr_name' is no event column; did you mean user_name\?"),
        ("user_name =", "timestamp =", r":11: .*timestamp is not filled here; use time = "),
        ("user_name =", "event_outcome =", "use outcome = "),
        ('"User|Login"', '"|"', "user_name is filled from nothing"),
        ('"csv"', '"xml"', r"aup\.toml:8: formats\.ours\.kind: .*csv"),
        ('"web"', '"wob"', r":9: .*'wob' is no kind of log; write one of web, dns"),
        ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y", r":10: formats\.ours\.time\.format.*does not write a day and a time; use iso"),
        ("%d/%m/%Y %H:%M:%S", "%s", "does not write a day and a time"),
        ("%d/%m/%Y %H:%M:%S", "DD/MM/YYYY", "does not write a day and a time"),
        ('S" }', 'S", zone = "Europe/Londn" }', r":10: .*Europe/Londn.* is no IANA time zone"),
        ('["Blocked"]', '["allowed"]', r":12: .*'allowed' stands under both"),
        ("kind", "looks = '('\nkind", r":8: formats\.ours\.looks: '\(' is no regular expression"),
        ("kind", "skip = '(?=a)'\nkind", "no look-around"),
        ("kind", "delimiter = ''\nkind", r":8: formats\.ours\.delimiter"),
        ("kind", "colums = 1\nkind", r":8: formats\.ours\.colums: this key is not known"),
        ("kind", "header = false\nkind", r":7: .*header = false needs names = "),
        ("kind", "header = false\nnames = ['Time', 'URL', 'User', 'Login']\nkind", "'Action' is not among names"),
        ('time = { column = "Time", format = "%d/%m/%Y %H:%M:%S" }\n', "", r":7: .*there is no time; write for example time = "),
        ('columns = { user_name = "User|Login", url_full = "URL" }\n', "", r":7: .*there are no columns; write for example"),
        ('"csv"', '"regex"', r"needs pattern = '\.\.\.' with named groups"),
        ('"csv"', "'regex'\npattern = '(?<time>x)'", r"the pattern has no group \(\?<Time>"),
        ('"csv"', '"squid"', r"kind = 'squid' needs logformat = "),
        ("[formats.ours]", '[formats."Our Filter"]', r"formats\.Our Filter"),
    ],
)  # fmt: skip
def test_wrong_descriptions_are_located(tmp_path: Path, old: str, new: str, message: str) -> None:
    """Each error names the file, the line where it can, and what to write instead."""
    assert old in GOOD
    with pytest.raises(ConfigError, match=message) as caught:
        read_config(write(tmp_path, GOOD.replace(old, new)))
    assert "Next:" in str(caught.value)


def test_a_value_of_json_is_no_object_too(tmp_path: Path) -> None:
    """`user` and `user.name` cannot both be values."""
    text = GOOD.replace('"csv"', '"json"').replace('"User|Login"', '"URL.x"')
    with pytest.raises(ConfigError, match=r"'URL' is an object in 'URL\.x'"):
        read_config(write(tmp_path, text))
