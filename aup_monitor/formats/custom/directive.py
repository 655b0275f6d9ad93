"""
Squid's `logformat` directive, taken apart: which codes it writes, in which order and quoting.

A directive is text with codes such as `%>a`, `%03>Hs` or `"%{User-Agent}>h"`. A quoting mark after the per cent sign, or a
quote or square bracket round the code, says how its value is written.

Reference: https://www.squid-cache.org/Doc/config/logformat/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTED: Final = "ts.tu"
"""The code that stands for `%ts.%03tu`, which is one number."""
DEFAULT_TIMES: Final = {"tl": "%d/%b/%Y:%H:%M:%S %z", "tg": "%d/%b/%Y:%H:%M:%S"}
"""How `%tl` and `%tg` write a time where nothing else is said; Squid's page gives a zone to `%tg`, which Squid 5.7 does not."""

_CODES: Final = (
    *(
        "sn",
        "err_code",
        "err_detail",
        "note",
        "master_xaction",
        "credentials",
        "et",
        "ea",
        "un",
        "ul",
        "ue",
        "ui",
        "us",
    ),
    *(">a", ">A", ">p", ">eui", ">la", ">lp", ">qos", ">nfmark", "la", "lp", ">handshake"),
    *(
        "<a",
        "<A",
        "<p",
        "<la",
        "<lp",
        "<qos",
        "<nfmark",
        "ts",
        "tu",
        "tl",
        "tg",
        "tr",
        "dt",
        "tS",
        "Ss",
        "Sh",
    ),
    *("rm", ">rm", "<rm", "ru", ">ru", "<ru", ">rs", "<rs", ">rd", "<rd", ">rP", "<rP", "rp", ">rp", "<rp"),
    *("rv", ">rv", "<rv", ">h", ">ha", "<h", "h", "<Hs", ">Hs", "Hs", "mt"),
    *("st", ">st", "<st", ">sh", "<sh", "<sH", "<sS", "<bs", "<pt", "<tt"),
)
_ANY_CODE: Final = "|".join(map(re.escape, sorted(_CODES, key=len, reverse=True)))
"""Longest first, since one code may begin like another."""
_CODE: Final = re.compile(
    r"""%(?P<quoting>["\[#/']?)(?P<left>-?)(?P<width>\d*)(?:\.\d+)?(?:\{(?P<before>[^}]*)\})?"""
    rf"(?P<code>[a-z_]+::[<>]?[A-Za-z_]+|{_ANY_CODE}|[<>]?[A-Za-z_]+)(?:\{{(?P<after>[^}}]*)\}})?"
)
_NUMBERS: Final = frozenset(
    code for code in _CODES if re.fullmatch(r"[<>]?(?:p|lp|rP|st|sh|sH|sS|bs|pt|tt|Hs)|ts|tu|tr|dt|sn", code)
)
_ADDRESSES: Final = ("ru", ">ru", "<ru", "rp", ">rp", "<rp")
_MAY_HOLD_BLANKS: Final = ("mt", "note", "et", "ea", "err_detail", "credentials")

_QUOTED: Final = r'(?:[^"\\]|\\.)*'
_VALUES: Final = {
    '"': rf"{_QUOTED}?",
    "[": r"[^\[\]]*?",
    "#": r"\S*?",
    "/": rf'(?:"{_QUOTED}"|\S*?)',
    "'": r".*?",
}


@dataclass(frozen=True)
class Token:
    """One code of the directive."""

    code: str
    """Without the per cent sign, width and `http::`: `>a`, `ssl::>sni`."""
    argument: str
    """What stands in braces: a header's name, a pattern of times."""
    quoting: str
    """`"`, `[`, `#`, `/`, `'`, or nothing for the code's own way."""
    padded: str
    """`left` or `right` where blanks fill it to a width."""

    @property
    def written(self) -> str:
        """The code with its argument, as one names it: `{referer}>h`."""
        argument = f"{{{self.argument.lower()}}}" if self.argument else ""
        return argument + self.code

    @property
    def time(self) -> str:
        """How it writes a time."""
        return self.argument or DEFAULT_TIMES[self.code]

    @property
    def pattern(self) -> str:
        """A regular expression of its values, without blanks that pad it."""
        if self.code in (COUNTED, "tS"):
            return r"[0-9]+\.[0-9]+"
        if self.code in _NUMBERS:
            return "-?[0-9]*"
        if self.code in ("tl", "tg"):
            blanks = self.time.count(" ")
            zone = "(?: [+-]\\d{4})?" if self.code == "tg" and not self.argument else ""
            return r"[^\s\[\]\"]+" + r" [^\s\[\]\"]+" * blanks + zone
        if self.quoting:
            return _VALUES[self.quoting]
        if self.code in _ADDRESSES:
            return "[^ ]*?"
        # Without quotes inside, a line with a field too many cannot pass with its fields shifted.
        blanks = self.code in _MAY_HOLD_BLANKS or "cert_" in self.code
        return r'[^"]*?' if blanks else '[^ "]*?'


def tokens_of(directive: str) -> list[Token | str]:
    """Return the directive's codes, and the text between them as it stands in a line."""
    parts: list[Token | str] = []
    quoting, at, text = "", 0, ""
    while at < len(directive):
        if directive.startswith("%%", at):
            text, at = text + "%", at + 2
        elif (found := _CODE.match(directive, at)) is not None:
            parts += [text] if text else []
            parts.append(_token(found, quoting))
            text, at = "", found.end()
        else:
            quoting = _quoting_after(directive[at], quoting)
            text, at = text + directive[at], at + 1
    return list(_counted([*parts, text] if text else parts))


def _quoting_after(letter: str, quoting: str) -> str:
    """Return how values are quoted after a letter of the text: a quote or a bracket opens and ends it."""
    if quoting == "":
        return letter if letter in '"[' else ""
    return "" if letter == {'"': '"', "[": "]"}[quoting] else quoting


def _token(found: re.Match[str], quoting: str) -> Token:
    return Token(
        code=found["code"].removeprefix("http::"),
        argument=found["before"] or found["after"] or "",
        quoting=found["quoting"] or quoting,
        padded="" if not found["width"] else "left" if found["left"] else "right",
    )


def _counted(parts: list[Token | str]) -> Iterator[Token | str]:
    """Yield the parts with seconds, a dot and their thousandths as one code."""
    at = 0
    while at < len(parts):
        three = parts[at : at + 3]
        if [p.code if isinstance(p, Token) else p for p in three] == ["ts", ".", "tu"]:
            yield Token(COUNTED, "", "", "right")
            at += 3
        else:
            yield parts[at]
            at += 1


def line_pattern(parts: list[Token | str], names: dict[int, str]) -> str:
    """Return a regular expression of a whole line, in which the parts of these places are groups of these names."""
    found = []
    for at, part in enumerate(parts):
        if isinstance(part, str):
            found.append(re.sub(r"(?:\\ )+", " +", re.escape(part)))
            continue
        value = f"(?<{names[at]}>{part.pattern})" if at in names else f"(?:{part.pattern})"
        found.append({"left": f"{value} *", "right": f" *{value}"}.get(part.padded, value))
    return "^" + "".join(found) + r"\s*$"
