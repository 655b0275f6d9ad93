"""
The people that the school has listed: a CSV file of accounts, and initials for names.

    user,name,role,year_group,site
    a.khan,Amina Khan,staff,,main
    22okafort,Tobi Okafor,pupil,9,main

`user` is the account without its domain, in any case; `role` one of `core.incident.ROLES`. Other columns are ignored. The
file may be what Excel saves: a byte-order mark, semicolons or tabs, a first line `sep=;`, the Windows-1252 encoding.
"""

from __future__ import annotations

import codecs
import csv
import re
import unicodedata
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.errors import InputError
from aup_monitor.core.incident import ROLES
from aup_monitor.core.people import PEOPLE_SCHEMA, Directory

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path

_TITLES: Final = frozenset(
    {"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "rev", "sir", "dame", "sister", "father"}
)

Line = tuple[int, list[str]]
"""A line's number and its fields."""


def read_directory(path: Path) -> Directory:
    """
    Read the school's people.

    A line that cannot be used is a problem, named with its number; of two lines for one account the first counts.

    Raises:
        InputError: the file is missing or unreadable, or its first line does not name the columns `user` and `role`.

    """
    problems: list[str] = []
    lines = _split(_text(path), path, problems)
    header = _header(next(lines, (1, [])), path)
    people: dict[str, dict[str, str | None]] = {}
    for number, fields in lines:
        person = dict(zip(header, (field.strip() or None for field in fields), strict=False))
        user, role = account(person.get("user") or ""), (person.get("role") or "").lower()
        problem = _surplus(len(fields) - len(header)) or _problem(user, role, people)
        if problem:
            problems.append(f"{path.name}:{number}: {problem}")
        else:
            people[user] = person | {"user": user, "role": role}
    rows = [{name: person.get(name) for name in PEOPLE_SCHEMA} for person in people.values()]
    return Directory(pl.DataFrame(rows, schema=PEOPLE_SCHEMA).sort("user"), tuple(problems))


def account(text: str) -> str:
    r"""Return an account as it is compared: lower case, without the domain of `SCHOOL\\name` or `name@school`."""
    return text.strip().rpartition("\\")[2].partition("@")[0].lower()


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as exc:
        fix = "check `people` in aup.toml, or take that line out"
        raise InputError("the list of people cannot be read", where=path, fix=fix) from exc
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("windows-1252", "replace")


def _split(text: str, path: Path, problems: list[str]) -> Iterator[Line]:
    """Yield lines cut into fields, each by itself, so that a quotation mark left open costs no other line."""
    lines = [(n, line) for n, line in enumerate(re.split(r"\r\n|\r|\n", text), 1) if line.strip(" ,;\t")]
    if lines and lines[0][1].lower().startswith("sep="):
        lines = lines[1:]
    first = lines[0][1] if lines else ""
    separator = max(",;\t", key=first.count)
    for number, line in lines:
        try:
            yield number, next(csv.reader([line], delimiter=separator, strict=True, skipinitialspace=True))
        except csv.Error as exc:
            problems.append(f"{path.name}:{number}: the line cannot be cut into fields ({exc})")


def _header(line: Line, path: Path) -> list[str]:
    number, fields = line
    header = [re.sub(r"\s+", "_", name.strip().lower()) for name in fields]
    missing = [name for name in ("user", "role") if name not in header]
    if missing:
        raise InputError(
            f"there is no column {' and no column '.join(missing)}",
            where=f"{path}:{number}",
            fix="make its first line: user,name,role,year_group,site",
        )
    return header


def _surplus(fields: int) -> str | None:
    if fields <= 0:
        return None
    return f"{fields} more fields than columns; put quotation marks round a text that holds a separator"


def _problem(user: str, role: str, known: Container[str]) -> str | None:
    """Return why a line cannot be used, None where it can."""
    if not user:
        return "no user"
    if user in known:
        return f"{user} is listed already; the first line counts"
    if role not in ROLES:
        return f"role {role!r} is none of {', '.join(ROLES)}"
    return None


def initials(name: str) -> str:
    """
    Return a name's initials: `Amina Khan` -> `A.K.`, `Smith-Jones, Mary-Ann` -> `M-A.S-J.`, empty for no name.

    Titles and what a name writes small (`de la`, `van`, `al-`) are left out; a name without capitals counts whole.
    """
    text = unicodedata.normalize("NFC", name).strip()
    if text.count(",") == 1:
        text = " ".join(reversed(text.split(",")))
    words = text.split()
    called = [word for word in words if word.strip(".").lower() not in _TITLES] or words
    capitals = any(letter.isupper() for letter in text)
    return "".join(_initial(word, capitals=capitals) for word in called)


def _initial(word: str, *, capitals: bool) -> str:
    """Return `A.` of a word, `A-B.` of a hyphenated one, nothing of one that has no initial."""
    letters = [_letter(part, capitals=capitals) for part in re.split(r"[-\u2010\u2011]", word)]
    found = "-".join(letter for letter in letters if letter)
    return f"{found}." if found else ""


def _letter(part: str, *, capitals: bool) -> str:
    letters = [letter for letter in part if letter.isalpha()]
    if capitals and letters and letters[0].islower():
        letters = [letter for letter in letters if letter.isupper()]
    return letters[0].upper()[0] if letters else ""
