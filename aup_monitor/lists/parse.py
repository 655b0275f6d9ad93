"""
Read a list of host names in any of the plain forms that list makers publish.

    bet365.com              a name: this host and every name below it
    *.translate.goog        the same; in our own and the school's files it holds for a public suffix, too (`*.onion`)
    0.0.0.0 bet365.com      a hosts file (https://man7.org/linux/man-pages/man5/hosts.5.html)
    ||bet365.com^           an ad blocker's rule (https://adguard.com/kb/general/ad-filtering/create-own-filters/)
    address=/bet365.com/    dnsmasq's settings, also `server=` and `local=` (https://thekelleys.org.uk/dnsmasq/docs/dnsmasq-man.html)
    domain:bet365.com       v2fly's rules (https://github.com/v2fly/domain-list-community): `full:` is this host alone
    192.0.2.7               an address

`#` begins a comment, `!` a comment line, `[...]` a heading. Whatever else a line holds is a problem: counted, named, left out.
Networks, ports and pages (see `places.py`) are entries of the lists whose format says that they hold them.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.hosts import canonical_host
from aup_monitor.lists.problems import SHOWN_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_LINE: Final = 1_000
_LONGEST_NAME: Final = 253

_NAME: Final = r"^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?$"
_LABEL: Final = r"^[a-z](?:[a-z0-9-]*[a-z0-9])?$"
_BOILERPLATE: Final = r"^(?:localhost(?:\.localdomain|[46])?|local|broadcasthost|ip6-\S+|0\.0\.0\.0)$"
_PATTERN: Final = r"^(?:regexp:|keyword:|include:|@@|/)|[*^$]"
_TO_NULL: Final = r"^(?:0\.0\.0\.0|127\.0\.0\.1|255\.255\.255\.255|::1?|fe80::1%lo0)\s+"


@dataclass(frozen=True)
class Parsed:
    """
    What one file holds.

    `entries`: distinct (domain, exact, wide). `exact`: this host alone, not those below it. `wide`: written `*.name`.
    `problems`: (line, text, reason).
    """

    entries: pl.DataFrame
    problems: pl.DataFrame


def parse_domains(content: bytes) -> Parsed:
    """Return the canonical names (lower case, no final dot, punycode) and addresses of a list, and its bad lines."""
    return _named(_lines(content))


def parse_places(content: bytes, kinds: Mapping[str, Callable[[str], str | None]]) -> Parsed:
    """
    Return the names and addresses of a list, and what else its lines hold of these kinds.

    Args:
        content: the list.
        kinds: by the pattern of a line, what makes its canonical text (None where it is none); the first that fits counts.

    """
    lines = _lines(content)
    found, parts = pl.lit(value=False), []
    text = pl.col("text").str.replace(r"\s#.*$", "").str.strip_chars_end()
    for pattern, canonical in kinds.items():
        fits = text.str.contains(pattern) & pl.col("reason").is_null()
        parts.append(_placed(lines.filter(fits & ~found), text, canonical))
        found = found | fits
    names = _named(lines.filter(~found))
    return Parsed(
        _distinct(pl.concat([names.entries, *(part.entries for part in parts)])),
        pl.concat([names.problems, *(part.problems for part in parts)]).sort("line"),
    )


def _placed(lines: pl.DataFrame, text: pl.Expr, canonical: Callable[[str], str | None]) -> Parsed:
    entries = lines.with_columns(domain=text.map_elements(canonical, return_dtype=pl.String))
    bad = pl.col("domain").is_null()
    return Parsed(
        entries.filter(~bad).select("domain", exact=pl.lit(value=False), wide=pl.lit(value=False)),
        entries.filter(bad).select(
            "line",
            pl.col("text").str.slice(0, SHOWN_CHARACTERS),
            reason=pl.lit("neither a host name, an address, nor a part of one"),
        ),
    )


def _named(lines: pl.DataFrame) -> Parsed:
    """Return what lines of `_lines` hold of names and addresses."""
    is_plain = pl.col("text").str.contains(_NAME) & (pl.col("text").str.len_bytes() <= _LONGEST_NAME)
    plain = lines.filter(
        is_plain & pl.col("reason").is_null()
    )  # nearly every line of a long list: nothing to take off
    ornate = lines.filter(~is_plain & pl.col("reason").is_null())
    named = _resolved(ornate.with_columns(_entry()).drop_nulls("domain"))
    good = [
        plain.select(pl.col("text").alias("domain"), exact=pl.lit(value=False), wide=pl.lit(value=False)),
        named.filter(pl.col("reason").is_null()).select("domain", "exact", "wide"),
    ]
    bad = [frame.filter(pl.col("reason").is_not_null()) for frame in (lines, named.select(lines.columns))]
    return Parsed(
        _distinct(pl.concat(good)),
        pl.concat(bad).sort("line").select("line", pl.col("text").str.slice(0, SHOWN_CHARACTERS), "reason"),
    )


def _distinct(entries: pl.DataFrame) -> pl.DataFrame:
    """Return one row a name, sorted; of a name that stands there twice the wider meaning holds."""
    once = entries.unique().sort("domain")
    twice = pl.col("domain") == pl.col("domain").shift(1)
    if not once.select(twice.any()).item():
        return once
    return once.group_by("domain").agg(pl.col("exact").all(), pl.col("wide").any()).sort("domain")


def _lines(content: bytes) -> pl.DataFrame:
    text = pl.Series("text", [content.decode("utf-8-sig", errors="replace")]).str.split("\n").explode()
    too_long = pl.col("text").str.len_bytes() > LONGEST_LINE
    return (
        text.to_frame()
        .with_row_index("line", offset=1)
        .select(
            pl.col("line").cast(pl.Int64),
            pl.when(too_long)
            .then(pl.col("text").str.slice(0, SHOWN_CHARACTERS))
            .otherwise("text")
            .str.strip_chars(),
            reason=pl.when(too_long).then(pl.lit(f"the line is longer than {LONGEST_LINE:,} characters")),
        )
        .filter((pl.col("text") != "") & ~pl.col("text").str.contains(r"^(?:[#!]|\[[^\]]*\]$)"))
    )


def _entry() -> list[pl.Expr]:
    """Return the expressions for (domain, exact, wide): the line without comment, prefix and ornament."""
    text = pl.col("text").str.replace(r"\s#.*$", "").str.strip_chars_end()
    name = (
        text.str.replace(_TO_NULL, "")
        .str.replace(r"^\|\|([^/$^|]+)\^(?:\$(?:important|all|document))?$", "$1")
        .str.replace(r"^(?:domain|full):", "")
        .str.replace(r"^(?:address|server|local)=/([^/]+)/\S*$", "$1")
        .str.replace(r"(?:\s+|:)@.*$", "")
    )
    host = name.str.replace(r"^\*?\.", "").str.replace(r"\.$", "").str.to_lowercase()
    return [
        pl.when(~host.str.contains(_BOILERPLATE)).then(host).alias("domain"),
        text.str.starts_with("full:").alias("exact"),
        name.str.contains(r"^\*?\.").alias("wide"),
    ]


def _resolved(named: pl.DataFrame) -> pl.DataFrame:
    """Give each name its canonical text, or the reason why it is none."""
    top_level = pl.col("wide") & pl.col("domain").str.contains(_LABEL)
    odd = named.filter(~pl.col("domain").str.contains(_NAME) & ~top_level)["domain"].unique().sort()
    canonical = pl.DataFrame(
        {"domain": odd, "canonical": [_canonical(text) for text in odd]}, schema_overrides=_ODD
    )
    joined = named.join(canonical, on="domain", how="left")
    is_odd = pl.col("domain").is_in(odd.implode())
    domain = pl.when(is_odd).then("canonical").otherwise("domain")
    bad = domain.is_null() | (domain.str.len_bytes() > _LONGEST_NAME)
    why = pl.when(pl.col("text").str.contains(_PATTERN)).then(
        pl.lit("a pattern; only names and addresses can be used")
    )
    reason = pl.when(bad).then(why.otherwise(pl.lit("not a host name or an address")))
    return joined.with_columns(domain=domain, reason=reason).drop("canonical")


_ODD: Final = {"domain": pl.String(), "canonical": pl.String()}


def _canonical(text: str) -> str | None:
    """Return an address in its shortest form, or a name in letters beyond ASCII as punycode."""
    try:
        return ip_address(text).compressed
    except ValueError:
        host = None if text.isascii() else canonical_host(text)
    return host if host and "." in host and ":" not in host else None
