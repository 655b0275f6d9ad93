r"""
Microsoft 365 unified audit log: one record a line, as JSON, or as the CSV that the Purview portal and PowerShell export.

    {"CreationTime":"2026-01-14T10:14:09","Operation":"AnonymousLinkCreated","RecordType":14,"Workload":"OneDrive",
     "UserId":"dai.p@elmpark.example","UserType":0,"UserKey":"i:0h.f|membership|1003","ClientIP":"203.0.113.5",
     "ObjectId":"https://elmpark-my.sharepoint.example/personal/dai/Documents/Trip.xlsx","SourceFileName":"Trip.xlsx"}    (one line)

    CreationDate,UserIds,Operations,AuditData
    2026-01-14T10:14:09.0000000Z,dai.p@elmpark.example,AnonymousLinkCreated,"{""CreationTime"":""2026-01-14T10:14:09"",...}"

Of CSV (the portal's export, old and new; `Search-UnifiedAuditLog | Export-Csv`) only the column AuditData is read, whichever
the other columns are. The Management Activity API answers with lists; make lines of them: `jq -c '.[]'`.
References: https://learn.microsoft.com/office/office-365-management-api/office-365-management-activity-api-schema and
https://learn.microsoft.com/purview/audit-log-activities

Class: log-ons (UserLoggedIn, UserLoginFailed, MailboxLogin) are `auth`, all else is `cloud`.

What it fills: time (UTC), operation (`event_action`), number of the kind of record (`event_code`), service
(`network_application`: SharePoint, OneDrive, Exchange, AzureActiveDirectory, MicrosoftTeams), account, client's address and
port, browser, device. Of files the name and address. Of sharing and of other people's accounts and mailboxes whose it was
(`user_target_name`), and the role that an account was given (`user_group`). Of mail the subject and, of rules and settings
that forward, where to (`email_to_address`), and whether one of these addresses is outside the account's own domain
(`email_direction`: outbound or internal; unknown of accounts of `onmicrosoft.com`, which is nobody's mail domain).
`rule_name`: the data-loss policy; `rule_category`: why a log-on failed, or of what kind is whom a file was shared with (Guest, Member).

Outcome: what failed is blocked; what was only found or matched is unknown; all else was done: allowed.

Lacks: what a file or a message says; the device in most records. Caveats:
- What the service itself does (UserType above 2) is nobody's; who came by an anonymous link is not known.
- Records come late (30 minutes to a day) and are not in order.
- The portal exports 50,000 records at most, and a cell that Excel saved again is cut at 32,767 characters: such a line is a reject.

From documentation and published examples; no log of a school seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.cloud._named import named_texts
from aup_monitor.formats.fields import address, port
from aup_monitor.formats.json_paths import joined, json_paths
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PATHS: Final = {
    "time": "CreationTime",
    "operation": "Operation",
    "record": "RecordType",
    "workload": "Workload",
    "status": "ResultStatus",
    "error": "LogonError",
    "user": "UserId",
    "user_type": "UserType",
    "client": "ClientIP|ClientIPAddress|ActorIpAddress",
    "agent": "UserAgent",
    "object": "ObjectId",
    "file": "SourceFileName",
    "shared_with": "TargetUserOrGroupName",
    "kind_of_target": "TargetUserOrGroupType",
    "mailbox": "MailboxOwnerUPN",
    "sender": "SendAsUserSmtp|SendOnBehalfOfUserSmtp",
    "item_subject": "Item.Subject",
    "affected": "AffectedItems",
    "members": "Members",
    "add_on": "AddOnName",
    "device": "DeviceName",
    "policies": "PolicyDetails",
    "parameters": "Parameters",
    "extended": "ExtendedProperties",
    "operation_properties": "OperationProperties",
    "modified": "ModifiedProperties",
    "about_device": "DeviceProperties",
}
_FORWARDS: Final = {
    "forward": "ForwardingSmtpAddress|ForwardingAddress|ForwardTo|RedirectTo|ForwardAsAttachmentTo"
}
_FORWARDING: Final = r'"ActionType" *: *"(?:Forward|Redirect)'
"""In the actions of a rule that Outlook made."""
_ADDRESS: Final = r"[^\s@\[\]<>\"',;:|=]+@[^\s@\[\]<>\"',;:|=\\]+"
_FILES: Final = ("SharePoint", "OneDrive")
_LOGONS: Final = ("UserLoggedIn", "UserLoginFailed", "MailboxLogin")
_PEOPLE: Final = ("0", "1", "2", "Regular", "Reserved", "Admin")
"""Types of account that are people: https://learn.microsoft.com/office/office-365-management-api/ (UserType)."""

_CELL: Final = r'"(\{ *"".*\} *)"'
_NAMES_COLUMNS: Final = r'^(?:#TYPE |(?:"?[A-Za-z ]+"?,)+"?AuditData"?)'
_KEY: Final = r'""?{}""? *: *'
_LOOKS: Final = "|".join(
    [
        r'^(?:"?[A-Za-z]+"?,)+"?AuditData"?',
        rf"{_KEY.format('UserKey')}.*{_KEY.format('Workload')}",
        rf"{_KEY.format('Workload')}.*{_KEY.format('UserKey')}",
    ]
)


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Microsoft writes UTC
    """Turn lines into events; see the module's page."""
    return (
        lines.with_columns(_record().alias("json"))
        .pipe(json_paths, "json", _PATHS)
        .pipe(named_texts, "parameters", _FORWARDS, key="Name", value="Value")
        .pipe(named_texts, "operation_properties", {"actions": "RuleActions"}, key="Name", value="Value")
        .pipe(named_texts, "modified", {"role": "Role\\.DisplayName"}, key="Name", value="NewValue")
        .pipe(named_texts, "extended", {"extended_agent": "UserAgent"}, key="Name", value="Value")
        .pipe(named_texts, "about_device", {"own_device": "DisplayName"}, key="Name", value="Value")
        .with_columns(
            *_client(), _page().alias("page"), _account().alias("account"), _forwards().alias("forwards")
        )
        .pipe(split_url, "page")
        .select(_columns())
    )


def _record() -> pl.Expr:
    """Return the record as JSON: the line itself, or the cell that holds it, where two quotes stand for one."""
    line = pl.col("line")
    cell = pl.when(~line.str.contains(r"^\s*\{")).then(line)
    return pl.coalesce(
        cell.str.extract(_CELL).str.replace_all('""', '"', literal=True),
        pl.when(line.str.contains(r"^\s*\{")).then(line),
    )


def _client() -> list[pl.Expr]:
    """Return the client's address and port, of `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` and `[2001:db8::1]:443`."""
    text = pl.col("client").str.replace("^::ffff:", "")
    bare = pl.coalesce(text.str.extract(r"^\[([^\]]*)\]"), text.str.extract(r"^([0-9.]+)(?::\d+)?$"), text)
    return [bare.alias("client"), pl.col("client").str.extract(r"(?:\]|\.\d+):(\d+)$").alias("client_port")]


def _page() -> pl.Expr:
    """Return the address of a file; the object of other services is none."""
    return pl.when(pl.col("workload").is_in(_FILES) & pl.col("object").str.contains("^https?://")).then(
        "object"
    )


def _account() -> pl.Expr:
    """Return who did it, if a person did; a guest who came by a link that was sent to him is told after a `#`."""
    person = pl.when(pl.col("user_type").fill_null("0").is_in(_PEOPLE)).then("user")
    named = pl.when(~person.is_in(["Not Available", "Unknown", "Application"])).then(person)
    guest = named.str.extract("^urn:spo:guest#(.+)$")
    return pl.coalesce(guest, pl.when(~named.str.starts_with("urn:spo:")).then(named))


def _target() -> pl.Expr:
    """Return whose account, mailbox or group it was done to or shared with, if not the person's own."""
    directory = (pl.col("workload") == "AzureActiveDirectory") & pl.col("object").str.contains(
        "@", literal=True
    )
    found = pl.coalesce(
        "shared_with",
        joined("members", "UPN"),
        "mailbox",
        pl.when(directory & ~pl.col("operation").is_in(_LOGONS)).then("object"),
    )
    return pl.when(found.str.to_lowercase() != pl.col("account").str.to_lowercase().fill_null("")).then(found)


def _forwards() -> pl.Expr:
    """Return where mail is forwarded to, joined by a comma, of a setting or of a rule that Outlook made."""
    by_rule = pl.when(pl.col("actions").str.contains(_FORWARDING)).then("actions").str.extract_all(_ADDRESS)
    set_so = pl.col("forward").str.replace_all("(?i)smtp:", "").str.replace_all(";", ",", literal=True)
    return pl.coalesce(set_so, pl.when(by_rule.list.len() > 0).then(by_rule.list.join(",")))


def _direction() -> pl.Expr:
    """Tell whether mail that is forwarded leaves the account's domain; a name without a domain is of the school."""
    own = pl.col("account").str.extract("@(.+)$").str.to_lowercase()
    domains = (
        pl.col("forwards")
        .str.to_lowercase()
        .str.extract_all(_ADDRESS)
        .list.eval(pl.element().str.extract("@(.+)$"))
    )
    known = own.is_not_null() & ~own.str.ends_with(".onmicrosoft.com") & pl.col("forwards").is_not_null()
    outside = domains.list.set_difference(pl.concat_list(own)).list.len() > 0
    return pl.when(known & outside).then(pl.lit("outbound")).when(known).then(pl.lit("internal"))


def _outcome() -> pl.Expr:
    failed = pl.col("operation").str.contains("(?i)fail|denied|blocked") | pl.col("error").is_not_null()
    refused = pl.col("status").str.to_lowercase().is_in(["failed", "failure", "false"])
    return (
        pl.when(failed | refused.fill_null(value=False))
        .then(pl.lit("blocked"))
        .when(pl.col("operation").str.contains("(?i)detected|match|alert"))
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("allowed"))
        .alias("event_outcome")
    )


def _columns() -> list[pl.Expr]:
    time = (
        pl.col("time")
        .str.strip_suffix("Z")
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)
    )
    logon = pl.col("operation").is_in(_LOGONS)
    return [
        pl.col("offset", "url_scheme", "url_domain", "url_path", "url_query"),
        time.dt.replace_time_zone("UTC").cast(TIME).alias("timestamp"),
        pl.when(logon).then(pl.lit("auth")).otherwise(pl.lit("cloud")).alias("log_class"),
        pl.col("record").alias("event_code"),
        pl.col("operation").alias("event_action"),
        _outcome(),
        pl.lit("Microsoft").alias("observer_vendor"),
        pl.lit("Microsoft 365").alias("observer_product"),
        address("client").alias("source_ip"),
        port("client_port").alias("source_port"),
        pl.coalesce("device", "own_device").alias("host_name"),
        split_account("account").struct.field("user_name", "user_domain"),
        _target().alias("user_target_name"),
        pl.col("role").str.strip_chars('"').alias("user_group"),
        pl.col("workload").alias("network_application"),
        pl.col("page").alias("url_full"),
        pl.coalesce("agent", "extended_agent").alias("user_agent_original"),
        pl.col("policies").str.extract(r'"PolicyName": "([^"]+)"').alias("rule_name"),
        pl.coalesce("error", "kind_of_target").alias("rule_category"),
        pl.col("file").alias("file_name"),
        pl.col("add_on").alias("package_name"),
        pl.col("sender").alias("email_from_address"),
        pl.col("forwards").alias("email_to_address"),
        _direction().alias("email_direction"),
        pl.coalesce("item_subject", joined("affected", "Subject")).alias("email_subject"),
        *_verdict(),
    ]


def _verdict() -> list[pl.Expr]:
    line = pl.col("line")
    header = line.str.contains(_NAMES_COLUMNS) & pl.col("json").is_null()
    listed = line.str.contains(r"^\s*\[")
    return [
        pl.when(header)
        .then(None)
        .when(listed)
        .then(pl.lit("a list of records: write each as a line of its own (jq -c '.[]')"))
        .when(~pl.col("whole").fill_null(value=False))
        .then(pl.lit("no whole JSON object in the line"))
        .when(pl.any_horizontal(pl.col("time", "operation").is_null()))
        .then(pl.lit("not a record of the unified audit log"))
        .alias(REJECT),
        header.alias(SKIP),
    ]


FORMAT: Final = Format(
    name="m365-audit",
    log_class="cloud",
    title="Microsoft 365 audit log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
