"""
Mail to an address elsewhere that bears the sender's own name: `m.jones` of the school writes to `maryjones84@gmail.com`.

An account tells a surname and a first name or its initial, in either order (`m.jones`, `mjones`, `jonesm`, `mary.jones`); an
address is of the same name where it holds both. Codes of three letters (`mjo`) tell no name. Two people may share one: what is
found is a resemblance, and whose the address is nobody but its owner can say.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

_SENT: Final = ("email_from_address", "user_name", "email_to_address")
_ADDRESS: Final = re.compile(r"([^\s,;:<>\"@]+)@([^\s,;:<>\"@]+)")
_BETWEEN: Final = re.compile(r"[\W_]+")
_SURNAME: Final = 4
"""Letters of a surname beside an initial: of shorter ones, too many names begin or end alike."""
_RUN_TOGETHER: Final = 5
"""Letters of a surname that a longer word ends in, of whose beginning the initial alone is known."""
_FIRST_NAME: Final = 3
"""Letters from which on it is a first name."""


class _Name(NamedTuple):
    first: str
    """A first name, or its initial."""
    last: str


def namesake_domain() -> pl.Expr:
    """Return the domain, lower case, of the first recipient elsewhere whose address bears the sender's name; else null."""
    return pl.struct(_SENT).map_batches(_find, return_dtype=pl.String, is_elementwise=True)


def _find(sent: pl.Series) -> pl.Series:
    """Look each distinct sender and recipients up once."""
    frame = sent.struct.unnest()
    if frame.get_column("email_to_address").null_count() == frame.height:
        return pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    pairs = frame.unique().drop_nulls("email_to_address")
    found = [_domain(*pair) for pair in pairs.iter_rows()]
    table = pairs.with_columns(pl.Series("found", found, pl.String))
    return frame.join(table, on=_SENT, how="left", nulls_equal=True, maintain_order="left")["found"]


def _domain(sender: str | None, account: str | None, recipients: str) -> str | None:
    local, _, own = (sender or "").lower().rpartition("@")
    names = {name for text in (local, account) if text for name in _names(text)}
    for person, domain in _ADDRESS.findall(recipients.lower()):
        if domain != own and any(_bears(person, name) for name in names):
            return str(domain)
    return None


def _words(text: str) -> list[str]:
    """Return the words of an account or a local part: letters alone, without accents, a tag behind `+` or digits at the ends."""
    plain = unicodedata.normalize("NFKD", text.partition("+")[0].partition("@")[0].casefold())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    words = (word.strip("0123456789") for word in _BETWEEN.split(letters))
    return [word for word in words if word]


def _names(account: str) -> Iterator[_Name]:
    """Yield the names that an account may stand for."""
    words = _words(account)
    if len(words) == 1:
        word = words[0]
        orders = [(word[0], word[1:]), (word[-1], word[:-1])]
    else:
        orders = [(words[0], words[-1]), (words[-1], words[0])] if words else []
    for first, last in orders:
        if len(last) >= _SURNAME or min(len(first), len(last)) >= _FIRST_NAME:
            yield _Name(first, last)


def _bears(person: str, name: _Name) -> bool:
    """Tell whether the local part of an address holds the name."""
    words = _words(person)
    first, last = name
    if len(words) > 1:
        return any(
            surname == last and _is_first(given, first)
            for surname, given in ((words[-1], words[0]), (words[0], words[-1]))
        )
    word = words[0] if words else ""
    if word in {last + first[0], last + first}:
        return True
    given = word.removesuffix(last)
    if given == word or not _is_first(given, first):
        return False
    return len(given) == 1 or len(first) > 1 or len(last) >= _RUN_TOGETHER


def _is_first(given: str, first: str) -> bool:
    """Tell whether one may be the other: the same, or its initial; two letters that differ are two initials."""
    shorter, longer = sorted((given, first), key=len)
    return given == first or (len(shorter) == 1 and len(longer) >= _FIRST_NAME and longer.startswith(shorter))
