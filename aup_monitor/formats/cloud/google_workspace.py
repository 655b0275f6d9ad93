r"""
Google Workspace audit log: activities of the Reports API, one JSON object a line.

    {"kind":"admin#reports#activity","id":{"time":"2026-01-14T10:14:09.120Z","applicationName":"drive"},
     "actor":{"callerType":"USER","email":"dai.p@elmpark.example"},"ipAddress":"203.0.113.5","events":[{"type":"acl_change",
     "name":"change_user_access","parameters":[{"name":"doc_title","value":"Trip list"},{"name":"visibility",...}]}]}    (one line)

The API answers in pages; make lines of them: `jq -c '.items[]'`. Filebeat's `google_workspace` module writes such lines, too.
References: https://developers.google.com/workspace/admin/reports/v1/reference/activities and, for the events of each application,
https://developers.google.com/workspace/admin/reports/v1/appendix/activity/drive (login, chrome, chat, meet, ... beside it)

Class: log-ons (`login`, `saml`, ChromeOS log-ons) are `auth`, `gmail` is `mail`, the rest of `chrome` is `web` where it names a
page and `endpoint` where it does not, all else is `cloud`.

What it fills: time, application (`network_application`: drive, admin, chat, ...), kind (`event_code`) and name (`event_action`) of
the event, account, its address, whose account it was done to or shared with (`user_target_name`), the role that it was given
(`user_group`), file (title and hash), device and its serial number, app or extension, page, browser. `rule_category`: who may
see a file (people_with_link, shared_externally, ...), why Chrome or a log-on failed, or `suspicious` for a log-on that
succeeded and looked so to Google. `rule_name`: whether it became external (visibility_change), or the setting that was
changed. Of mail that is forwarded out of the domain where to (`email_to_address`; `email_direction` is outbound).

Outcome: what failed, was blocked or denied is blocked; warnings about accounts and what Chrome only saw are unknown; all
else was done: allowed.

Lacks: what a file or a message says. Caveats:
- One activity may hold several events (somebody opens a file to all, and edits it): their names are joined by a comma,
  and of each detail the first counts.
- What Google does by itself (an automatic change, a service account) has a key in place of an account; it is no user.
- Entries come late, by minutes to days, as Google says for each application.
Checked on 403 real lines against an independent parse; chrome, chat, meet and token are from documentation, no real line seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, Format
from aup_monitor.core.schema import TIME
from aup_monitor.formats.accounts import split_account
from aup_monitor.formats.cloud._named import named_texts
from aup_monitor.formats.fields import address, seconds
from aup_monitor.formats.json_paths import json_paths
from aup_monitor.formats.json_values import TEXT
from aup_monitor.formats.urls import split_url

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

_PATHS: Final = {
    "kind": "kind",
    "time": "id.time",
    "application": "id.applicationName",
    "actor": "actor.email",
    "address": "ipAddress",
    "items": "items",
    "events": "events",
}
_DETAILS: Final = {
    "title": "doc_title|CONTENT_NAME|attachment_name",
    "hash": "CONTENT_HASH|attachment_hash",
    "visibility": "visibility",
    "reason": "EVENT_REASON|login_failure_type|failure_type",
    "suspicious": "is_suspicious",
    "change": "visibility_change",
    "setting": "SETTING_NAME|TRIGGERED_RULES",
    "target": "target_user|target_users|target|USER_EMAIL|user_email|affected_email_address",
    "role": "ROLE_NAME",
    "forwards": "email_forwarding_destination_address",
    "result": "EVENT_RESULT|login_challenge_status",
    "person": "PROFILE_USER_NAME|DEVICE_USER|TRIGGER_USER|affected_email_address",
    "device": "DEVICE_NAME|device_name",
    "serial": "DEVICE_SERIAL_NUMBER|SERIAL_NUMBER",
    "app": "app_name|APP_NAME|APPLICATION_NAME|application_name",
    "page": "URL",
    "agent": "USER_AGENT|user_agent",
    "met_from": "ip_address",
    "lasted": "duration_seconds",
}
"""Our name of a detail -> Google's names of it."""
_NAMED: Final = rf'"type" *: *{TEXT} *, *"name" *: *{TEXT}|"name" *: *{TEXT} *, *"(?:parameters|type)" *:'
_LOOKS: Final = r'^\s*\{.*"kind" *: *"(?:admin#|audit#)?(?:reports#)?activity"'
_AUTH: Final = r"(?i)^(?:chrome_os_)?(?:guest_)?log(?:in|out)|^chromeos_.*log(?:in|out)"
_BLOCKED: Final = r"(?i)fail|denied|blocked|rejected"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:  # noqa: ARG001 - Google writes UTC
    """Turn lines into events; see the module's page."""
    return (
        json_paths(lines, "line", _PATHS)
        .pipe(named_texts, "events", _DETAILS, value="value|intValue|boolValue")
        .with_columns(_names().alias("names"), _first_type().alias("type"))
        .with_columns(pl.coalesce("actor", "person").alias("account"), _class())
        .pipe(split_url, "page")
        .select(_columns())
    )


def _names() -> pl.Expr:
    """Return the names of an activity's events, each once, joined by a comma."""
    name = pl.element().str.extract(rf'"name" *: *({TEXT})').str.strip_chars('"')
    found = pl.col("events").str.extract_all(_NAMED)
    return pl.when(found.list.len() > 0).then(
        found.list.eval(name).list.unique(maintain_order=True).list.join(",")
    )


def _first_type() -> pl.Expr:
    return pl.col("events").str.extract(rf'"type" *: *({TEXT})').str.strip_chars('"')


def _class() -> pl.Expr:
    application = pl.col("application")
    logon = application.is_in(["login", "saml"]) | (
        (application == "chrome") & pl.col("names").str.contains(_AUTH)
    )
    return (
        pl.when(logon)
        .then(pl.lit("auth"))
        .when((application == "chrome") & pl.col("page").is_not_null())
        .then(pl.lit("web"))
        .when(application == "chrome")
        .then(pl.lit("endpoint"))
        .when(application == "gmail")
        .then(pl.lit("mail"))
        .otherwise(pl.lit("cloud"))
        .alias("log_class")
    )


def _outcome() -> pl.Expr:
    """Return what came of it: Chrome's result or a challenge's where there is one, else what the name says."""
    word = pl.coalesce("result", "names")
    passed = pl.col("result").str.contains("(?i)allowed|passed")
    unsure = pl.col("log_class").is_in(["web", "endpoint"]) | (pl.col("type") == "account_warning")
    return (
        pl.when(word.str.contains(_BLOCKED))
        .then(pl.lit("blocked"))
        .when(pl.col("result").is_not_null() & ~passed | pl.col("result").is_null() & unsure)
        .then(pl.lit("unknown"))
        .otherwise(pl.lit("allowed"))
        .alias("event_outcome")
    )


def _suspicious() -> pl.Expr:
    return pl.when(pl.col("suspicious") == "true").then(pl.lit("suspicious"))


def _columns() -> list[pl.Expr]:
    return [
        pl.col("offset", "log_class", "url_scheme", "url_domain", "url_path", "url_query"),
        pl.col("time")
        .str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
        .cast(TIME)
        .alias("timestamp"),
        pl.col("type").alias("event_code"),
        pl.col("names").alias("event_action"),
        _outcome(),
        seconds("lasted").alias("event_duration"),
        pl.lit("Google").alias("observer_vendor"),
        pl.lit("Google Workspace").alias("observer_product"),
        pl.coalesce(address("address"), address("met_from")).alias("source_ip"),
        pl.col("device").alias("host_name"),
        split_account("account").struct.field("user_name", "user_domain"),
        pl.when(pl.col("target") != pl.col("account").fill_null("")).then("target").alias("user_target_name"),
        pl.col("application").alias("network_application"),
        pl.col("page").alias("url_full"),
        pl.col("agent").alias("user_agent_original"),
        pl.coalesce("change", "setting").alias("rule_name"),
        pl.coalesce("visibility", "reason", _suspicious()).alias("rule_category"),
        pl.col("serial").alias("device_serial"),
        pl.col("title").alias("file_name"),
        pl.col("hash").alias("file_hash"),
        pl.col("app").alias("package_name"),
        pl.col("role").alias("user_group"),
        pl.col("forwards").alias("email_to_address"),
        pl.when(pl.col("forwards").is_not_null()).then(pl.lit("outbound")).alias("email_direction"),
        _reject(),
    ]


def _reject() -> pl.Expr:
    return (
        pl.when(~pl.col("whole"))
        .then(pl.lit("not a whole JSON object"))
        .when(pl.col("items").is_not_null())
        .then(pl.lit("a page of activities: write each as a line of its own (jq -c '.items[]')"))
        .when(pl.any_horizontal(pl.col("application", "names").is_null()))
        .then(pl.lit("not an activity of the Reports API"))
        .alias(REJECT)
    )


FORMAT: Final = Format(
    name="google-workspace",
    log_class="cloud",
    title="Google Workspace audit log",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
