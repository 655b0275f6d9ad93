"""
Log of the Kea DHCP servers (`kea-dhcp4`, `kea-dhcp6`), in Kea's own file or in syslog, also on pfSense and OPNsense.

Lines look like these:

    2026-01-12 08:45:02.145 INFO  [kea-dhcp4.leases/641.140181179290112] DHCP4_LEASE_ALLOC [hwtype=1 00:53:0a:0b:0c:0d], cid=[01:00:53:0a:0b:0c:0d], tid=0x1a317365: lease 192.168.7.21 has been allocated for 3600 seconds
    Jan 12 08:45:03 fw kea-dhcp6[642]: INFO [kea-dhcp6.leases.0x8343c7000] DHCP6_LEASE_ALLOC duid=[00:03:00:01:00:53:0a:0b:0c:0d], tid=0x8dc2: lease for address 2001:db8:7::21 and iaid=7 has been allocated for 7200 seconds

Reference: https://kea.readthedocs.io/en/latest/kea-messages.html

What it fills: the time, Kea's name of the message (`event_action`), address and hardware address. `..._LEASE_ALLOC` and
`..._LEASE_REUSE` say who holds the address and until when; `DHCP4_RELEASE`, `DHCP6_RELEASE_NA`, a declined address and an expired
lease that is reclaimed say that it came back. A lease is allowed; `DHCP4_PACKET_NAK_...` and a failed allocation are blocked; the
rest is unknown.

What it lacks: the device's name and accounts (the file of leases has names: format `kea-leases`). Releases are only logged at
debug level.

Caveats:

- Times are local; syslog's has no year, which follows from the file's last change.
- Of DHCPv6 the hardware address is the one logged, else that in the client's DUID, where it holds one. Prefixes are nobody's
  address.
- Offers, and messages of anything but addresses, are skipped. At debug level a message may run over several lines, of which all
  but the first are rejects.

Checked on real lines: by eye on 14 that a kea-dhcp4 2.2 wrote for a test, and on 3 of a pfSense; the lines of kea-dhcp6 and of releases are from the documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.formats import fields as f
from aup_monitor.formats.identity._holding import hardware, hardware_of_duid, later
from aup_monitor.formats.pieces import groups
from aup_monitor.formats.syslog import unwrap, utc_of_local

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_OWN: Final = r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) +[A-Z]+ +\[kea-"
_SAID: Final = r"\[kea-dhcp[46]\.[^\]]*\] (?<_code>(?:DHCP[46]|ALLOC_ENGINE)_[A-Z0-9_]+) (?<_said>.*)$"
_GIVEN: Final = r"^DHCP[46]_LEASE_(?:ALLOC|REUSE|RENEW)$"
_BACK: Final = r"^(?:DHCP4_RELEASE(?:_EXPIRED|_DELETED)?|DHCP6_RELEASE_NA(?:_EXPIRED|_DELETED)?|DHCP[46]_DECLINE_LEASE|ALLOC_ENGINE_V[46]_LEASE_RECLAIM)$"
_REFUSED: Final = r"^(?:DHCP4_PACKET_NAK_\d+|ALLOC_ENGINE_V[46]_ALLOC_FAIL|DHCP6_LEASE_ALLOC_FAIL)$"
_ADDRESS: Final = r"\b(?:lease(?: for address)?|address|addr) ([0-9a-fA-F]*[.:][0-9a-fA-F.:]*)"

_LOOKS: Final = r"\[kea-(?:dhcp[46]|dhcp-ddns|ctrl-agent)(?:\.[a-z0-9-]+)?[/.][0-9a-fx.]+\] [A-Z]"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Turn lines into events; see the module's page."""
    own = utc_of_local(
        pl.col("_own").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", strict=False), context.zone
    )
    syslog = pl.col("_own").is_null()
    return (
        unwrap(lines.with_columns(pl.col("line").str.extract(_OWN).alias("_own")), context)
        .pipe(groups, "line", _SAID)
        .with_columns(
            pl.coalesce(own, "timestamp").alias("timestamp"),
            pl.when(syslog).then("observer_name").alias("observer_name"),
            _kind(),
        )
        .with_columns(pl.when(pl.col("_kind") != "other").then("_said").alias("_said"))
        .with_columns(
            pl.col("_said").str.extract(_ADDRESS).alias("_address"),
            pl.col("_said").str.extract(r"for (\d+) seconds").cast(pl.Int64, strict=False).alias("_seconds"),
            pl.coalesce(
                hardware(pl.col("_said").str.extract(r"\[hwtype=\d+ ([0-9a-fA-F:]+)\]")),
                hardware_of_duid(pl.col("_said").str.extract(r"duid=\[([0-9a-fA-F:]+)\]")),
            ).alias("source_mac"),
        )
        .with_columns(f.address("_address").alias("source_ip"))
        .select(
            "offset",
            "timestamp",
            pl.lit("dhcp").alias("log_class"),
            pl.col("_code").alias("event_action"),
            pl.col("_kind")
            .replace_strict(
                {"given": "allowed", "refused": "blocked"}, default="unknown", return_dtype=pl.String
            )
            .alias("event_outcome"),
            pl.lit("ISC").alias("observer_vendor"),
            pl.lit("Kea").alias("observer_product"),
            "observer_name",
            "source_ip",
            "source_mac",
            *_lease(),
            _reject(),
            (_read() & ~_broken() & (pl.col("_kind") == "other")).alias(SKIP),
        )
    )


def _kind() -> pl.Expr:
    """Return given, back or refused for the messages that are events, other for the rest."""
    code = pl.col("_code")
    return (
        pl.when(code.str.contains(_GIVEN))
        .then(pl.lit("given"))
        .when(code.str.contains(_BACK))
        .then(pl.lit("back"))
        .when(code.str.contains(_REFUSED))
        .then(pl.lit("refused"))
        .otherwise(pl.lit("other"))
        .alias("_kind")
    )


def _lease() -> list[pl.Expr]:
    """Return from when and until when the address is held; one that came back has an end alone."""
    kind = pl.col("_kind")
    return [
        pl.when(kind == "given").then("timestamp").alias("lease_from"),
        pl.when(kind == "given")
        .then(later(pl.col("timestamp"), pl.col("_seconds")))
        .when(kind == "back")
        .then("timestamp")
        .alias("lease_to"),
    ]


def _read() -> pl.Expr:
    return pl.col("timestamp").is_not_null() & (
        pl.col("_own").is_not_null() | pl.col("program").is_not_null()
    )


def _broken() -> pl.Expr:
    """Tell a lease without its address, or whose length was cut off."""
    cut_off = pl.col("_said").str.contains(r"allocated for \d*$|reused for \d*$").fill_null(False)
    return pl.col("_kind").is_in(["given", "back"]) & (pl.col("source_ip").is_null() | cut_off)


def _reject() -> pl.Expr:
    return (
        pl.when(~_read())
        .then(pl.lit("not a line of Kea or of syslog, or its time is not understood"))
        .when(_broken())
        .then(pl.lit("a lease that does not say of which address, or how long"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="kea", log_class="dhcp", title="Kea DHCP server log", looks=_LOOKS, doc=__doc__, parse=parse
)
