"""The week's rows in the forms that products write: Squid, FortiGate, e2guardian, dnsmasq, filterlog, Windows, FreeRADIUS, and an office's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import polars as pl

from tests.simulation.office import TRACE
from tests.simulation.school import ZONE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.simulation.requests import Book
    from tests.simulation.school import School

DAMAGED: Final = (
    "1789380000.000     85 10.20.0.9 TCP_MISS/2",
    "1789380001.000     85 10.20.0.9 TCP_MISS/200 oops GET https://www.bbc.co.uk/ - HIER_DIRECT/198.51.100.7 text/html",
)
"""Lines of the proxy that cannot be read; they must be counted, and no others."""
USUAL: Final = (
    "Education",
    "Reference",
    "News and Media",
    "Information Technology",
    "Content Servers",
    "General Organizations",
)
"""What a filter calls innocent sites."""
_TEXT: Final = {"time": pl.Float64(), "text": pl.String()}


def write(book: Book, school: School, folder: Path) -> None:
    """Write every log into the folder, each in the order of time."""
    book.close_day()
    through = pl.DataFrame(
        {"address": [p.address for p in school.people], "filter": [p.filter for p in school.people],
         "role": [p.role for p in school.people]}
    )  # fmt: skip
    web = pl.concat(book.web).sort("time", maintain_order=True).join(
        through, on="address", how="left", maintain_order="left"
    )  # fmt: skip
    squid = _squid(web.filter(pl.col("filter") == "squid"))
    _lines(folder / "access.log", squid, DAMAGED)
    _lines(folder / "e2guardian.log", _e2guardian(web.filter(pl.col("filter") == "e2guardian")))
    firewall = [_fortigate(web.filter(pl.col("filter") == "fortigate")), _texts(book.firewall)]
    _lines(folder / "fortigate.log", pl.concat(firewall))
    _lines(folder / "dnsmasq.log", _dnsmasq(book))
    _lines(folder / "filterlog.log", _texts(book.guests))
    _lines(folder / "windows.json", _texts(book.windows))
    _lines(folder / "radius.log", _texts(book.radius))
    _lines(folder / "cloud.json", _texts(book.cloud))
    _lines(folder / "Master.csv", _texts(book.calls))
    _lines(folder / "trace.csv", _texts([(0.0, TRACE), *book.mail]))


def _texts(rows: list[tuple[float, str]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=_TEXT, orient="row")


def _lines(path: Path, rows: pl.DataFrame, more: tuple[str, ...] = ()) -> None:
    rows = rows.sort("time", maintain_order=True)
    lines = [*rows["text"].to_list(), *more]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if rows.height:  # a log without years takes them from the file's last change
        last = rows["time"].item(-1)
        os.utime(path, (last, last))


def _local(form: str) -> pl.Expr:
    at = pl.from_epoch(pl.col("time").cast(pl.Int64)).dt.replace_time_zone("UTC")
    return at.dt.convert_time_zone(ZONE.key).dt.strftime(form)


def _squid(web: pl.DataFrame) -> pl.DataFrame:
    """Return Squid's own lines, with the CONNECT that opens each connection that it looks into."""
    opened = web.group_by(
        "address", "host", (pl.col("time") // 300).alias("span"), maintain_order=True
    ).first()
    opened = opened.select(pl.col("time") - 0.05, "address", "user", "host")
    connects = opened.select("time", pl.format(
        "{}      0 {} NONE_NONE/200 0 CONNECT {}:443 {} HIER_NONE/- -",
        _seconds(), "address", "host", pl.col("user").fill_null("-"),
    ).alias("text"))  # fmt: skip
    verdict = pl.when("blocked").then(pl.lit("TCP_DENIED/403")).otherwise(pl.lit("TCP_MISS/200"))
    peer = pl.when("blocked").then(pl.lit("HIER_NONE/-")).otherwise(pl.lit("HIER_DIRECT/198.51.100.7"))
    pages = web.select("time", pl.format(
        "{}     85 {} {} {} {} https://{}{} {} {} {}",
        _seconds(), "address", verdict, "bytes", "method", "host", "path",
        pl.col("user").fill_null("-"), peer, "mime",
    ).alias("text"))  # fmt: skip
    return pl.concat([connects, pages])


def _seconds() -> pl.Expr:
    return (pl.col("time") * 1000).round().cast(pl.Int64).cast(pl.String).str.replace(r"(\d{3})$", ".$1")


def _e2guardian(web: pl.DataFrame) -> pl.DataFrame:
    """Return e2guardian's lines where it does not look into https: a connection a minute, and the site's name."""
    minute = (pl.col("time") // 60).alias("minute")
    joined = web.group_by("address", "user", "host", "blocked", minute, maintain_order=True).agg(
        pl.col("time", "category", "role").first(), pl.col("bytes").sum()
    )  # fmt: skip
    why = pl.when("blocked").then(pl.format("*DENIED* Blocked site: {}", "host")).otherwise(pl.lit("-"))
    category = pl.when("blocked").then(pl.col("category").fill_null("Blocked sites")).otherwise(pl.lit("-"))
    status = pl.when("blocked").then(pl.lit("403")).otherwise(pl.lit("200"))
    return joined.select("time", pl.format(
        "{} {} {} https://{}:443 {} CONNECT {} 0 {} 1 {} - {} {} - - - - -",
        _local("%Y.%m.%d %H:%M:%S"), pl.coalesce("user", "address"), "address", "host", why, "bytes", category,
        status, "address", pl.col("role").fill_null("pupil"),
    ).alias("text"))  # fmt: skip


def _fortigate(web: pl.DataFrame) -> pl.DataFrame:
    """Return FortiGate's lines of its web filter, which looks into https."""
    usual = pl.lit(pl.Series(USUAL)).gather(pl.col("host").str.len_chars() % len(USUAL))
    kind = pl.when("blocked").then(pl.lit("ftgd_blk")).otherwise(pl.lit("ftgd_allow"))
    action = pl.when("blocked").then(pl.lit("blocked")).otherwise(pl.lit("passthrough"))
    referrer = pl.format(' referralurl="{}"', "referrer").fill_null("")
    user = pl.format(' user="{}"', "user").fill_null("")
    return web.select("time", pl.format(
        '<189>date={} time={} devname="fw-elmfield" eventtime={} tz="{}" logid="0317013312" type="utm" subtype="webfilter" '
        'eventtype="{}" level="notice" vd="root" policyid=12{} srcip={} srcport=51022 srcintf="lan" dstip=198.51.100.7 '
        'dstport=443 dstintf="wan1" proto=6 httpmethod="{}" service="HTTPS" hostname="{}" action="{}" url="https://{}{}"{} '
        'sentbyte=1520 rcvdbyte={} contenttype="{}" catdesc="{}"',
        _local("%Y-%m-%d"), _local("%H:%M:%S"), (pl.col("time") * 1e9).cast(pl.Int64), _local("%z"), kind, user, "address",
        "method", "host", action, "host", "path", referrer, "bytes", "mime", pl.coalesce("category", usual),
    ).alias("text"))  # fmt: skip


def _dnsmasq(book: Book) -> pl.DataFrame:
    """Return the name server's lines, questions and leases."""
    names = pl.concat(book.names)
    asked = names.select(
        "time", pl.format("dnsmasq[633]: query[{}] {} from {}", "kind", "host", "address").alias("text")
    )
    leased = _texts(
        [
            (at, f"dnsmasq-dhcp[633]: DHCPACK(wlan0) {p.phone_address} {p.phone_mac} {p.phone}")
            for at, p in book.leases
        ]
    )
    return pl.concat([asked, leased]).select(
        "time", pl.format("{} {}", _local("%b %e %H:%M:%S"), "text").alias("text")
    )
