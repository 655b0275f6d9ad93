"""
How much an event tells of a person: `log_level` from 1 to 5, and the site that supporting content came with.

    1  advertising, analytics, telemetry, by the filter's own category or by lists of such hosts; blocked or not
    2  supporting content: pictures, styles, scripts, fonts, sound, film; an answer without content (204, 304);
       content networks and updates; suggestions asked for while somebody types
    3  a page, a connection, a DNS question, a device, a programme: a person's own act, as far as can be told
    4  what a filter or firewall blocked
    5  kept for matches of the gravest rules; no event has it by itself

Noise is marked, never deleted: a rule says from which level on it looks (`aup: {min_log_level: 3}`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from aup_monitor.detect.facts import Noise

ADVERTISING: Final = 1
SUPPORTING: Final = 2
OWN_ACT: Final = 3
BLOCKED: Final = 4

_HOST_OF_ADDRESS: Final = r"^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/@?#]*@)?(\[[^\]/]*\]|[^/:?#]+)"


def log_level(noise: Noise, typing: pl.Expr, quiet: pl.Expr) -> pl.Expr:
    """
    Return each event's level, Int8, never null.

    Args:
        noise: what tells supporting content.
        typing: whether the event only asks for suggestions (boolean; null is no).
        quiet: the level of a host that nobody goes to (Int8; null for any other).

    """
    level = (
        pl.when(_is_advertising(noise))
        .then(ADVERTISING)
        .when(pl.col("event_outcome") == "blocked")
        .then(BLOCKED)
        .when(is_supporting(noise) | typing.fill_null(value=False))
        .then(SUPPORTING)
        .otherwise(OWN_ACT)
    )
    # A search at an engine is an act, whatever list the engine is on.
    return pl.min_horizontal(level.cast(pl.Int8), pl.when(pl.col("search_query").is_null()).then(quiet))


def _is_advertising(noise: Noise) -> pl.Expr:
    words = "|".join(map(pl.escape_regex, noise.advertising))
    return pl.col("rule_category").str.contains(rf"(?i)\b(?:{words})\b")


def is_supporting(noise: Noise) -> pl.Expr:
    """Tell pictures, styles, scripts and the like, and answers without content; never null."""
    media = pl.col("http_response_mime_type")
    types = "|".join(map(pl.escape_regex, noise.media_types))
    endings = "|".join(map(pl.escape_regex, noise.extensions))
    untold = pl.when(media.is_null()).then("url_path")  # the paths of all others are not worth a look
    by_ending = untold.str.contains(rf"(?i)\.(?:{endings})$")
    no_content = pl.col("http_response_status_code").is_in(noise.statuses)
    return (
        pl.when(media.is_null())
        .then(by_ending | no_content)
        .otherwise(
            media.str.contains(rf"(?i)^(?:{types})") | (no_content & ~media.str.starts_with("text/html"))
        )
        .fill_null(value=False)
    )


def origin_host() -> pl.Expr:
    """Return the host of the page that asked."""
    host = pl.col("http_request_referrer").str.extract(_HOST_OF_ADDRESS, 1)
    return host.str.to_lowercase().str.strip_chars("[]").str.strip_chars_end(".")


def origin_domain() -> pl.Expr:
    """Return the host of the page that asked, for supporting content; it reads `log_level`."""
    return pl.when(pl.col("log_level") <= SUPPORTING).then(origin_host())
