"""
The columns of every table, with dtype and meaning.

One flat, wide, nullable table of events. Names are Elastic Common Schema (ECS 9) field names with `.`
written `_`, so that a Sigma rule that speaks ECS maps without a table of exceptions. Units are ECS's: bytes,
durations in nanoseconds. Times are UTC microseconds. Types are those that Delta Lake has (no unsigned).

Reference: https://www.elastic.co/docs/reference/ecs/ecs-field-reference
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

TIME: Final = pl.Datetime("us", "UTC")

LOG_CLASSES: Final[dict[str, str]] = {
    "web": "Web proxy or filter",
    "dns": "DNS server",
    "firewall": "Firewall",
    "capture": "Network capture",
    "endpoint": "Computers (USB, software)",
    "auth": "Log-ons",
    "dhcp": "Address leases",
    "mail": "E-mail trace",
    "cloud": "Cloud services",
    "print": "Printing",
    "phone": "Telephones",
}
"""Each log class with the words that a report uses for it."""

OUTCOMES: Final = ("allowed", "blocked", "unknown")


class Column(NamedTuple):
    """One column: its name, Polars dtype, group and a line of meaning."""

    name: str
    dtype: PolarsDataType
    group: str
    meaning: str


def _columns(group: str, dtype: PolarsDataType, **meanings: str) -> list[Column]:
    return [Column(name, dtype, group, meaning) for name, meaning in meanings.items()]


_STR, _INT, _LONG, _BOOL = pl.String(), pl.Int32(), pl.Int64(), pl.Boolean()

EVENT_COLUMNS: Final[tuple[Column, ...]] = (
    Column("timestamp", TIME, "what", "When it happened, UTC"),
    *_columns(
        "what",
        _STR,
        log_class="Kind of log: " + ", ".join(LOG_CLASSES),
        event_code="The vendor's number for this kind of event",
        event_action="What was done, in the vendor's word",
        event_outcome="allowed, blocked or unknown",
        event_reason="Why it was recognised as what it is, in plain words",
    ),
    Column("event_duration", _LONG, "what", "How long it took, nanoseconds"),
    *_columns(
        "what",
        _STR,
        observer_vendor="Maker of the thing that wrote the log",
        observer_product="Product that wrote the log",
        observer_name="Name of the machine that wrote the log",
        site="Site of the school or trust, as aup.toml names it",
    ),
    Column("source_ip", _STR, "who", "Address of the client, canonical text"),
    Column("source_port", _INT, "who", "Port of the client"),
    *_columns(
        "who",
        _STR,
        source_mac="Hardware address of the client, aa:bb:cc:dd:ee:ff",
        host_name="Name of the device",
        user_name="Account, as logged, without its domain",
        user_domain="Domain or realm of the account",
        user_group="Group or profile of the account, as logged",
        user_target_name="Account that it was done to, or shared with, where that is another, as logged",
    ),
    Column("destination_ip", _STR, "where", "Address of the server"),
    Column("destination_port", _INT, "where", "Port of the server"),
    *_columns(
        "where",
        _STR,
        network_transport="tcp, udp, icmp, ...",
        network_protocol="Application protocol: http, tls, dns, ...",
        network_application="Application as the firewall recognised it",
    ),
    *_columns(
        "web",
        _STR,
        url_full="The whole address, where the log has it",
        url_scheme="http, https, ftp, ...",
        url_domain="Host of the address, lower case, no final dot",
        url_path="Path of the address",
        url_query="Query of the address, without the question mark",
        http_request_method="GET, POST, CONNECT, ...",
    ),
    Column("http_response_status_code", _INT, "web", "Status of the answer"),
    *_columns(
        "web",
        _STR,
        http_response_mime_type="Media type of the answer",
        http_request_referrer="The page that asked",
        user_agent_original="The program that asked, as it names itself",
    ),
    Column("source_bytes", _LONG, "web", "Bytes from client to server"),
    Column("destination_bytes", _LONG, "web", "Bytes from server to client"),
    Column("search_query", _STR, "web", "What was searched for, where the log or the address says"),
    *_columns(
        "dns",
        _STR,
        dns_question_name="Name asked for, lower case, no final dot",
        dns_question_type="A, AAAA, HTTPS, TXT, ...",
        dns_response_code="NOERROR, NXDOMAIN, ...",
        dns_answers="Answers, joined by a comma",
    ),
    *_columns(
        "tls",
        _STR,
        tls_server_name="Server name that the client sent (SNI)",
        tls_client_ja4="JA4 fingerprint of the client",
        tls_version="Newest version that the client offers: 1.3",
        tls_next_protocol="First application protocol that the client offers (ALPN): h2",
    ),
    Column(
        "tls_client_hello_encrypted",
        _BOOL,
        "tls",
        "Whether the client sent an Encrypted ClientHello (ECH); some send one that only looks like it",
    ),
    *_columns(
        "verdict",
        _STR,
        rule_name="Rule or policy of the filter that decided",
        rule_category="Category as the filter wrote it",
    ),
    *_columns(
        "endpoint",
        _STR,
        device_class="Class of the device: DiskDrive, USB, WPD, Image, ...",
        device_vendor_id="USB vendor, four hex digits, lower case",
        device_product_id="USB product, four hex digits, lower case",
        device_serial="Serial number of the device",
        device_name="Name of the device, as it gives it",
    ),
    Column("device_encrypted", _BOOL, "endpoint", "Whether the volume is encrypted"),
    *_columns(
        "endpoint",
        _STR,
        process_executable="Path of the program",
        process_command_line="Command line of the program",
        file_name="Name of the file",
        file_hash="Hash of the file, as logged",
        package_name="Name of the software",
        package_version="Version of the software",
        package_publisher="Publisher of the software",
    ),
    *_columns(
        "mail",
        _STR,
        email_from_address="Address that the message came from",
        email_to_address="Addresses that it went to, joined by a comma",
        email_subject="Subject of the message",
        email_direction="inbound, outbound or internal",
    ),
    Column("print_pages", _INT, "print", "Pages printed, of all copies"),
    Column("phone_number", _STR, "phone", "Number that was called, or that called, as logged"),
    Column("source_file", _STR, "provenance", "File that the event was read from"),
    Column("source_offset", _LONG, "provenance", "Byte of the decompressed file where its line begins"),
    Column("ingest_id", _STR, "provenance", "Fingerprint of the file that it was read from"),
)

EVENT_SCHEMA: Final[dict[str, PolarsDataType]] = {c.name: c.dtype for c in EVENT_COLUMNS}

DERIVED_COLUMNS: Final[tuple[Column, ...]] = (
    Column("date", pl.Date(), "derived", "School-local day; the lake is partitioned by site and date"),
    Column("destination_domain", _STR, "derived", "Host reached, however seen: address, DNS question or SNI"),
    Column(
        "destination_endpoint",
        _STR,
        "derived",
        "Address and port that a connection went to: 192.0.2.7:443, [2001:db8::7]:443",
    ),
    Column(
        "filter_categories",
        _STR,
        "derived",
        "The filter's categories, each between bars: |gambling|games|; without those that help, teach or deny",
    ),
    Column("visibility", _STR, "derived", "How much was seen: url, host or dns"),
    Column("log_level", pl.Int8(), "derived", "1 supporting content ... 3 a person's act ... 5 grave"),
    Column("origin_domain", _STR, "derived", "Site that the person went to, when this came with it"),
    Column("subject", _STR, "derived", "Whom it concerns: account, else device, else hardware or IP address"),
    Column("subject_kind", _STR, "derived", "user, device, address or site"),
    Column(
        "attribution", _STR, "derived", "How account and device are known: logged with the event, or lease"
    ),
    Column("role", _STR, "derived", "staff, pupil, governor, visitor, contractor or unknown"),
    Column(
        "device_key",
        _STR,
        "derived",
        "Device as the list of approved devices names it: vendor:product:serial",
    ),
    Column("in_school_hours", _BOOL, "derived", "Whether it fell into the site's school hours"),
    Column(
        "namesake_domain",
        _STR,
        "derived",
        "Domain of an address elsewhere that mail went to and that bears the sender's name",
    ),
)

REJECT_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "site": _STR,
    "date": pl.Date(),
    "source_file": _STR,
    "source_offset": _LONG,
    "ingest_id": _STR,
    "format": _STR,
    "reason": _STR,
}
"""A line that did not parse. `date` is the day it was read; its text stays in the file."""

LEASE_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "site": _STR,
    "date": pl.Date(),
    "source_ip": _STR,
    "source_mac": _STR,
    "host_name": _STR,
    "user_name": _STR,
    "valid_from": TIME,
    "valid_to": TIME,
    "source_file": _STR,
    "source_offset": _LONG,
    "ingest_id": _STR,
}
"""
What a log says of an address: held by a device or a person from one time to another.

`valid_from` null: it was given back at `valid_to`. `valid_to` null: nobody said until when.
"""

READING_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "site": _STR,
    "date": pl.Date(),
    "ingest_id": _STR,
    "source_file": _STR,
    "format": _STR,
    "log_class": _STR,
    "start_offset": _LONG,
    "end_offset": _LONG,
    "lines": _LONG,
    "events": _LONG,
    "rejects": _LONG,
    "skipped": _LONG,
    "fingerprint_bytes": _INT,
}
"""One reading of a stretch of one file: lines = events + rejects + skipped, always."""

MATCH_SCHEMA: Final[dict[str, PolarsDataType]] = {
    "date": pl.Date(),
    **EVENT_SCHEMA,
    **{c.name: c.dtype for c in DERIVED_COLUMNS if c.name != "date"},
    "rule": _STR,
    "selections": _STR,
    "list_name": _STR,
    "list_entry": _STR,
    "list_sources": _STR,
}
"""
One event that one rule hit. `selections`: names of the rule's selections that were true, joined by a comma.
`list_name`, `list_entry`, `list_sources`: the list, the entry and the sources (joined by a comma) that voted.
"""


def conform(frame: pl.LazyFrame, schema: Mapping[str, PolarsDataType] = EVENT_SCHEMA) -> pl.LazyFrame:
    """Return the frame with exactly the columns of the schema, in its order; absent ones are null."""
    have = frame.collect_schema()
    return frame.select(
        pl.col(name).cast(dtype) if name in have else pl.lit(None, dtype).alias(name)
        for name, dtype in schema.items()
    )
