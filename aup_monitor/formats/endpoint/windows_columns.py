"""Make event columns of the parts of Windows events (`windows_events.PARTS`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.hosts import clean_host
from aup_monitor.formats.endpoint.windows_device import device_columns, instance_columns
from aup_monitor.formats.endpoint.windows_events import KINDS
from aup_monitor.formats.fields import address, port

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

FAILED: Final = {
    "software-installed": "software-install-failed",
    "software-removed": "software-removal-failed",
    "driver-installed": "driver-install-failed",
}
SUCCESS: Final = ["0", "0x0", "0x00000000", "1641", "3010"]
"""Done; 1641 and 3010 ask for a restart."""
FORBIDDEN: Final = ["1625", "1643", "1644"]
"""Windows Installer: forbidden by policy, https://learn.microsoft.com/windows/win32/msi/error-codes."""

DONE: Final = [
    "service-installed",
    "logged-on",
    "account-created",
    "group-member-added",
    "audit-log-cleared",
    "printed",
]
REFUSED: Final = ["log-on-failed", "account-locked-out", "threat-dealt-with"]
CLASSES: Final = {str(kind.code): kind.log_class for kind in KINDS if kind.log_class != "endpoint"}
BY_HAND: Final = ["2", "7", "10", "11"]
"""Types of log-on at a keyboard or by remote desktop; others are services, shares and tasks."""
_OF_WINDOWS: Final = r"^(?:UMFD|DWM)-\d+$"
"""Accounts that Windows logs on for its own windows and fonts."""
_LOCAL: Final = ["127.0.0.1", "::1"]
_NOTHING: Final = ["", "-", "NULL", "(NULL)", "N/A"]
_SYSTEM_SIDS: Final = ["S-1-5-18", "S-1-5-19", "S-1-5-20"]
_PNP: Final = "27"  # IRP_MJ_PNP; its minors below, from wdm.h
_REQUESTS: Final = {"0": "device-started", "2": "device-removed", "23": "device-removed"}


def cleaned(part: str) -> pl.Expr:
    """Return a part without blanks round it, null where it says nothing."""
    text = pl.col(part).str.strip_chars()
    return pl.when(~text.is_in(_NOTHING)).then(text).alias(part)


def event_columns(context: Context) -> list[list[pl.Expr]]:
    """Return the steps, each to be given to `with_columns`, that turn cleaned parts into event columns."""
    return [
        [_account("user"), _account("domain"), _sentence(), _plain_address()],
        _product(),
        *instance_columns(),
        [*_what(context), *_who(), *device_columns(), *_software()],
    ]


def _what(context: Context) -> list[pl.Expr]:
    action = _action()
    outcome = (
        pl.when(pl.col("status").is_in(FORBIDDEN) | action.is_in(REFUSED)).then(pl.lit("blocked"))
        .when(action.is_in([*FAILED, *DONE])).then(pl.lit("allowed"))
        .otherwise(pl.lit("unknown"))
    )  # fmt: skip
    return [
        _time(context.zone).alias("timestamp"),
        pl.col("code").replace_strict(CLASSES, default="endpoint", return_dtype=pl.String).alias("log_class"),
        pl.col("code").alias("event_code"),
        action.alias("event_action"),
        outcome.alias("event_outcome"),
        pl.lit("Microsoft").alias("observer_vendor"),
        pl.lit("Windows").alias("observer_product"),
        action.is_null().alias("skip"),
    ]


def _action() -> pl.Expr:
    """Return what was done, null for requests to a device that are neither its start nor its end."""
    plain, request = pl.col("action"), pl.col("minor").replace_strict(_REQUESTS, default=None)
    connected, failed = plain == "device-connected", ~pl.col("status").is_in(SUCCESS)
    return (
        pl.when(plain == "device-request").then(pl.when(pl.col("major") == _PNP).then(request))
        .when(connected & (pl.col("capacity") == "0")).then(pl.lit("device-removed"))
        .when(connected & ~pl.col("external")).then(pl.lit("device-recognised"))
        .when((plain == "logged-on") & ~_by_hand()).then(None)
        .when((plain == "connection-made") & _accepted()).then(pl.lit("connection-received"))
        .when(failed & plain.is_in([*FAILED])).then(plain.replace(FAILED))
        .otherwise(plain)
    )  # fmt: skip


def _accepted() -> pl.Expr:
    """Tell connections that this computer accepted, and did not make."""
    return pl.col("initiated").str.to_lowercase() == "false"


def _by_hand() -> pl.Expr:
    """Tell log-ons of people."""
    typed = pl.col("logon_type").is_in(BY_HAND) & pl.col("user").is_not_null()
    return typed & ~pl.col("user").str.contains(_OF_WINDOWS).fill_null(value=True)


def _time(zone: str) -> pl.Expr:
    """Return the time: ISO 8601 with a zone, local time without one, or a count since 1970 (`/Date(...)/`)."""
    text = pl.col("time").str.strip_chars()
    iso = text.str.to_datetime("%+", strict=False, time_unit="us", time_zone="UTC")
    local = text.str.replace("T", " ").str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
    count = text.str.extract(r"^(?:/Date\()?(\d{10,16})(?:[+-]\d{4})?(?:\)/)?$")
    scale = pl.lit(10, pl.Int64) ** (16 - count.str.len_bytes().cast(pl.Int64)).clip(0, 6)
    placed = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    counted = (count.cast(pl.Int64) * scale).cast(pl.Datetime("us", "UTC"))
    return pl.coalesce(iso, placed.dt.convert_time_zone("UTC"), counted)


def _account(part: str) -> pl.Expr:
    """Return the account or its domain, null where it is the computer's own (`PC-12$`) or Windows'."""
    machine = pl.col("user").str.ends_with("$") | pl.col("sid").is_in(_SYSTEM_SIDS)
    return pl.when(pl.col("user").is_not_null() & ~machine.fill_null(False)).then(pl.col(part)).alias(part)


def _plain_address() -> pl.Expr:
    """Return an IPv4 address that is written within IPv6 as the IPv4 address that leases and other logs name."""
    return pl.col("address").str.replace(r"(?i)^::ffff:(\d+\.)", "$1").alias("address")


def _who() -> list[pl.Expr]:
    return [
        pl.col("host").alias("host_name"),
        pl.col("host").alias("observer_name"),
        pl.col("user").str.extract(r"([^\\]+)$").alias("user_name"),
        pl.coalesce("domain", pl.col("user").str.extract(r"^([^\\]+)\\")).alias("user_domain"),
        pl.col("group").alias("user_group"),
        pl.col("target").str.extract(r"(?i)^(?:cn=)?([^,]+)").alias("user_target_name"),
        pl.when(~pl.col("address").is_in(_LOCAL)).then(address("address")).alias("source_ip"),
        address("to").alias("destination_ip"),
        port("port").alias("destination_port"),
        pl.when(~_accepted().fill_null(value=False)).then(clean_host("to_name")).alias("url_domain"),
        pl.col("query").str.to_lowercase().str.strip_chars_end(".").alias("dns_question_name"),
        pl.col("threat").alias("rule_name"),
        pl.col("reason").str.to_lowercase().alias("rule_category"),
        pl.col("pages").cast(pl.Int32, strict=False).alias("print_pages"),
    ]


def _sentence() -> pl.Expr:
    return pl.coalesce("sentence", "message").alias("sentence")


def _product() -> list[pl.Expr]:
    """Read from the installer's English sentence what its fields do not give."""
    said = {
        "product": [r"Product Name: (.*?)\. Product Version: ", "^Product: (.*) -- "],
        "version": [r"Product Version: (.*?)\. Product Language: "],
        "publisher": [r"Manufacturer: (.*?)\. [A-Z]\w+ success or error status: "],
        "status": [r"success or error status: (\d+)"],
    }
    return [
        pl.coalesce(part, *(pl.col("sentence").str.extract(pattern) for pattern in patterns)).alias(part)
        for part, patterns in said.items()
    ]


def _software() -> list[pl.Expr]:
    quoted = pl.col("image").str.extract('^"([^"]+)"')
    ending = pl.col("image").str.extract(r"(?i)^([^\"]+?\.(?:exe|sys|dll|com|bat|cmd|ps1))(?:\s|$)")
    program = pl.coalesce(quoted, ending, pl.col("image").str.extract(r"^(\S+)"))
    driver = pl.when(pl.col("code") == "20003").then(pl.col("driver"))
    return [
        pl.coalesce(program, driver).alias("process_executable"),
        pl.coalesce("command", "image").alias("process_command_line"),
        pl.coalesce("path", program, "driver").str.extract(r"([^\\/]+)$").alias("file_name"),
        pl.col("product").alias("package_name"),
        pl.col("version").alias("package_version"),
        pl.col("publisher").alias("package_publisher"),
    ]
