"""
A described format of kind `squid`: from Squid's own `logformat` directive to columns.

The directive becomes one regular expression; the codes that say something of an event fill its columns, the others are
passed over. What the columns mean is as in the format `squid`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import polars as pl

from aup_monitor.core.custom_format import CustomFormat, OutcomeSetting, TimeSetting, names_of
from aup_monitor.core.errors import ConfigError
from aup_monitor.formats.custom.directive import COUNTED, Token, line_pattern, tokens_of
from aup_monitor.formats.custom.texts import WHY, something
from aup_monitor.formats.web._given import verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_FILLS: Final[Mapping[str, str]] = {
    "source_ip": ">a",
    "source_port": ">p",
    "source_mac": ">eui",
    "host_name": ">A",
    "user_name": "un|ul|ue|us|ui",
    "destination_ip": "<a",
    "destination_port": ">rP|<rP",
    "url_full": "ru|>ru|<ru",
    "url_scheme": ">rs|<rs",
    "url_domain": ">rd|<rd|{host}>h|{host}>ha",
    "url_path": ">rp|rp|<rp",
    "http_request_method": "rm|>rm|<rm",
    "http_response_status_code": ">Hs|Hs|<Hs",
    "http_response_mime_type": "mt|{content-type}<h",
    "http_request_referrer": "{referer}>h|{referer}>ha",
    "user_agent_original": "{user-agent}>h|{user-agent}>ha",
    "source_bytes": ">st",
    "destination_bytes": "<st",
    "event_duration": "tr",
    "event_action": "Ss",
    "tls_server_name": "ssl::>sni",
}
"""Event column <- the codes that may fill it, the first that says something."""
_JUDGES: Final = {"hierarchy": "Sh", "bump": "ssl::bump_mode", "error": "err_code"}
"""What else is asked of a line, to say whether it was blocked and which server it reached."""
_TIMES: Final = ((COUNTED, "epoch"), ("tS", "epoch"), ("ts", "epoch"), ("tg", ""), ("tl", ""))
"""The codes of times, the most exact first."""


@dataclass(frozen=True)
class Plan:
    """A directive, understood."""

    spec: CustomFormat
    """What is filled, and how the time is written; the sources that `columns` names are in `fields`."""
    pattern: str
    fields: Mapping[str, tuple[tuple[str, str], ...]]
    """Each text that is wanted, with the groups that may say it and their quoting."""


def plan(name: str, spec: CustomFormat) -> Plan:
    """
    Return how to read lines of the directive.

    Raises:
        ConfigError: the directive writes no time, or not what a column is to be filled from.

    """
    parts = tokens_of(spec.logformat or "")
    groups = {at: f"g{at}" for at, part in enumerate(parts) if isinstance(part, Token)}
    written = [
        (part.written, groups[at], part.quoting) for at, part in enumerate(parts) if isinstance(part, Token)
    ]
    fields = {f"said_{column}": _of(written, codes) for column, codes in _FILLS.items()}
    fields |= {f"said_{column}": _asked(name, written, codes) for column, codes in spec.columns.items()}
    fields |= {what: _of(written, code) for what, code in _JUDGES.items()}
    times = list(_times(parts, groups))
    if not times:
        raise ConfigError(
            "this logformat writes no time",
            where=f"formats.{name}",
            fix="add %ts.%03tu to it in squid.conf, and here",
        )
    fields |= {f"time_{n}": ((group, ""),) for n, (group, _, _) in enumerate(times)}
    used = {group for sources in fields.values() for group, _ in sources}
    filled = {column: "-" for column in (*_FILLS, *spec.columns) if fields[f"said_{column}"]}
    verdicts = OutcomeSetting(column="-", allowed=("allowed",), blocked=("blocked",))
    filling = spec.model_copy(
        update={
            "columns": filled,
            "time": _time_setting(spec, times),
            "outcome": verdicts,
            "vendor": spec.vendor or "Squid",
            "product": spec.product or "Squid",
        }
    )
    pattern = line_pattern(parts, {at: group for at, group in groups.items() if group in used})
    return Plan(filling, pattern, {text: sources for text, sources in fields.items() if sources})


def _of(written: Sequence[tuple[str, str, str]], codes: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (group, quoting) for code in codes.split("|") for own, group, quoting in written if own == code
    )


def _asked(name: str, written: Sequence[tuple[str, str, str]], codes: str) -> tuple[tuple[str, str], ...]:
    """Return the groups of the codes that the settings name themselves: `%{category}note`."""
    asked = [
        token.written
        for code in names_of(codes)
        for token in tokens_of("%" + code.lstrip("%"))
        if isinstance(token, Token)
    ]
    found = _of(written, "|".join(asked))
    if not found:
        raise ConfigError(
            f"the logformat does not write {codes!r}",
            where=f"formats.{name}.columns",
            fix="name one of its codes",
        )
    return found


def _times(parts: Sequence[Token | str], groups: Mapping[int, str]) -> Iterator[tuple[str, str, str]]:
    """Yield group, way of writing and code of the best time; a day and a time of day may be two codes."""
    for code, counted in _TIMES:
        found = [(at, part) for at, part in enumerate(parts) if isinstance(part, Token) and part.code == code]
        if found and counted:
            yield groups[found[0][0]], counted, code
        elif found:
            yield from ((groups[at], part.time, code) for at, part in found)
        if found:
            return


def _time_setting(spec: CustomFormat, times: Sequence[tuple[str, str, str]]) -> TimeSetting:
    zone = "UTC" if times[0][2] == "tg" else spec.time.zone if spec.time else None
    ways = " ".join(way for _, way, _ in times)
    both = (ways, f"{ways} %z") if times[0][2] == "tg" else ways
    return TimeSetting(column=tuple(f"time {n}" for n in range(len(times))), format=both, zone=zone)


def squid_texts(lines: pl.LazyFrame, understood: Plan) -> pl.LazyFrame:
    """Return a row for each line with the texts that the columns are filled from."""
    found = pl.col("line").str.extract_groups(understood.pattern).alias("_groups")
    said = [
        pl.coalesce(_value(group, quoting) for group, quoting in sources).alias(text)
        for text, sources in understood.fields.items()
    ]
    wrong = pl.when(pl.col("time_0").is_null()).then(pl.lit("not the fields of this logformat"))
    have = understood.fields
    return (
        lines.select("offset", found)
        .unnest("_groups")
        .select("offset", *said)
        .with_columns(something(text) for text in have)
        .with_columns(wrong.alias(WHY), _verdict(have).alias("outcome"), *_tidied(have))
    )


def _value(group: str, quoting: str) -> pl.Expr:
    """Return a value as it was before Squid quoted it; %-escapes stay, since most columns hold addresses."""
    text = pl.col(group)
    if quoting == "[":
        return text.str.replace_all("\\\\", "\\", literal=True)
    if quoting == "/":
        text = text.str.strip_prefix('"').str.strip_suffix('"')
    return text.str.replace_all(r'\\(["\\])', "$1") if quoting in ('"', "/") else text


def _verdict(have: Mapping[str, object]) -> pl.Expr:
    """Return the outcome: by Squid's result, and without one by its error page or by a connection that it ended."""
    absent = pl.lit(None, pl.String)
    tag, status, bump, error = (
        pl.col(text) if text in have else absent
        for text in ("said_event_action", "said_http_response_status_code", "bump", "error")
    )
    denied = tag.str.contains("DENIED", literal=True) & (status != "407").fill_null(value=True)
    blocked = denied | (bump == "terminate") | (error == "ERR_ACCESS_DENIED")
    allowed = tag.str.starts_with("TCP_") & ~tag.str.contains_any(["DENIED", "REDIRECT"])
    return verdict(blocked.fill_null(value=False), allowed.fill_null(value=False))


def _tidied(have: Mapping[str, object]) -> Iterator[pl.Expr]:
    """Yield texts that mean nothing as null: Squid's own `error:` addresses, and a peer that is no server."""
    if "said_url_full" in have:
        url = pl.col("said_url_full")
        yield pl.when(~url.str.starts_with("error:")).then(url).alias("said_url_full")
    if "said_user_agent_original" in have:
        agent = pl.col("said_user_agent_original")
        yield agent.map_batches(_unquoted, return_dtype=pl.String, is_elementwise=True).alias(
            "said_user_agent_original"
        )
    if "said_destination_ip" in have and "hierarchy" in have:
        direct = pl.col("hierarchy").str.contains_any(["DIRECT", "ORIGINAL_DST", "PINNED"])
        yield pl.when(direct).then("said_destination_ip").alias("said_destination_ip")


def _unquoted(texts: pl.Series) -> pl.Series:
    """Return names of browsers without %-escapes; each distinct one is looked at once."""
    escaped = texts.filter(texts.str.contains("%", literal=True)).unique()
    return texts.replace(escaped, [unquote(text) for text in escaped]) if len(escaped) else texts
