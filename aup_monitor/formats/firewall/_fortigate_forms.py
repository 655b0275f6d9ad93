r"""
FortiGate's three ways of writing the same keys, as the same columns.

    date=2026-03-05 time=10:14:09 logid="0316013056" type="utm" subtype="webfilter" srcip=10.20.4.31     default
    date=2026-03-05,time=10:14:09,logid="0316013056",type="utm",subtype="webfilter",srcip=10.20.4.31     csv
    CEF:0|Fortinet|Fortigate|v7.4.4|13056|utm:webfilter ftgd_blk blocked|4|src=10.20.4.31 FTNTFGTcatdesc=...    cef

CEF has names of its own for some keys and writes the others with `FTNTFGT` before them. It drops the quotes and writes a
backslash before each equals sign of a value, so that ` name=` can only be the next key.
Reference: https://docs.fortinet.com/document/fortigate/6.2.8/fortios-log-message-reference/998820
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.formats.firewall._keyvalue import pairs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CEF: Final = r"CEF: ?\d\|Fortinet\|Fortigate\|"
CSV: Final = r',logid="?\d{5,10}"?,type="?[a-z-]+"?,|(?:^|[ >])date=[\d-]+,time=[\d:]+,'

_CSV_PAIR: Final = r'(^|[,> ])([0-9A-Za-z_-]+)=(?:"((?:[^"\\]|\\.)*)"?|([^,"]*))'
_ENVELOPE: Final = (
    r"^(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) "
)
_CONTROL: Final = r"[\x00-\x1f\x7f]"
_MARK: Final = "\x1f"
_NAMED: Final[Mapping[str, str]] = {
    "srcip": "src",
    "srcport": "spt",
    "dstip": "dst",
    "dstport": "dpt",
    "srcname": "shost",
    "srcmac": "smac",
    "sentbyte": "out",
    "rcvdbyte": "in",
    "proto": "proto",
    "service": "app",
    "action": "act",
    "status": "outcome",
    "user": "duser",
    "group": "cs6",
    "policyid": "cs5",
    "devname": "dvchost",
    "url": "request",
    "catdesc": "requestContext",
    "agent": "requestClientApplication",
    "httpmethod": "requestMethod",
    "filename": "fname",
    "analyticscksum": "fileHash",
}
"""What CEF calls a key, where it does not put `FTNTFGT` before it; some versions do the one, some the other."""


def columns(lines: pl.LazyFrame, words: Sequence[str], texts: Sequence[str]) -> pl.LazyFrame:
    """
    Return `offset`, `sent` (the envelope's time of a CEF line) and a column for each key, in any order of rows.

    Args:
        lines: `line` (String) and `offset` (Int64), as a format's `parse` gets them.
        words: keys whose values never hold a space.
        texts: keys whose values may hold anything.

    """
    line = pl.col("line")
    form = pl.when(line.str.contains(CEF)).then(2).when(line.str.contains(CSV)).then(1).otherwise(0)
    marked = lines.select("offset", "line", form=form.cast(pl.Int8))
    plain, csv, cef = (marked.filter(pl.col("form") == kind) for kind in (0, 1, 2))
    spaced = line.str.replace_all(_CSV_PAIR, '$1 $2="$3$4"')
    unsent = pl.lit(None, pl.String).alias("sent")
    return pl.concat(
        [
            pairs(plain, words, texts).with_columns(unsent),
            pairs(csv.with_columns(spaced), words, texts).with_columns(unsent),
            _from_cef(cef, (*words, *texts)),
        ]
    )


def _from_cef(lines: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Read CEF: each key's start gets a mark that no value holds, so that a value runs to the next one."""
    line = pl.col("line")
    # Old versions write the longer word before a key.
    named = line.str.replace_all(_CONTROL, "").str.replace_all(" FortinetFortiGate", " FTNTFGT", literal=True)
    marked = named.str.replace_all(r"[ |]([0-9A-Za-z_]+)=", f"{_MARK}${{1}}=")
    head = line.str.extract_groups(rf"(?:(\S+) )?{CEF}[^|]*\|(\d+)\|")
    return (
        lines.select(
            "offset",
            line.str.extract(_ENVELOPE).alias("sent"),
            marked.alias("line"),
            head.struct.rename_fields(["machine", "number"]).alias("head"),
        )
        .unnest("head")
        .select("offset", *(_cef_value(key) for key in keys), "sent")
        .with_columns(pl.col(*keys).str.strip_chars(" "))
        .with_columns(pl.coalesce(_unescaped(key), key).alias(key) for key in keys)
        .with_columns(pl.when(pl.col(*keys) != "").then(pl.col(*keys)).name.keep())
    )


def _unescaped(key: str) -> pl.Expr:
    """Return the few values that hold a backslash without it, null for the others: an expression passes over nulls."""
    escaped = pl.col(key).str.contains("\\", literal=True)
    return pl.when(escaped).then(key).str.replace_all(r"\\(.)", "$1")


def _cef_value(key: str) -> pl.Expr:
    """Return a key's value; the header says number and machine where the keys do not."""
    said = _cef_named(f"FTNTFGT{key}")
    if key == "type":
        return _cef_named("cat").str.extract("^([a-z-]+):").alias(key)
    if key == "hostname":
        # Of traffic `dhost` is the name that a reverse look-up found.
        named = pl.when(~_cef_named("cat").str.starts_with("traffic")).then(_cef_named("dhost"))
        return pl.coalesce(named, said).alias(key)
    instead = {"logid": "number", "devname": "machine"}.get(key)
    found = [_cef_named(_NAMED[key])] if key in _NAMED else []
    return pl.coalesce(*found, said, *([instead] if instead else [])).alias(key)


def _cef_named(name: str) -> pl.Expr:
    return pl.col("line").str.extract(rf"{_MARK}{name}=([^{_MARK}]+)")
