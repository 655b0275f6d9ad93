r"""
Windows events as JSON, one object a line: what was plugged in, and what was installed.

Four ways of writing are understood, mixed as they come:

- `evtx_dump -o jsonl`: `{"Event":{"System":{"Provider":{"#attributes":{"Name":"MsiInstaller"}},"EventID":...`
- Winlogbeat 7 and 8: `{"@timestamp":"2026-01-12T09:14:03.120Z","winlog":{"event_id":"6416",...},"event":{...}}`
- NXLog `im_msvistalog` with `to_json()`: `{"EventTime":"2026-01-12 09:14:03","EventID":6416,"SourceName":...`
- PowerShell, one object a line: `Get-WinEvent ... | ForEach-Object { $_ | ConvertTo-Json -Compress }`

Events read (all others are counted as skipped):

    6416                Security                     a device was recognised (audit policy: Plug and Play Events)
    2003                DriverFrameworks-UserMode    a portable device was loaded
    2100, 2102          DriverFrameworks-UserMode    it was started or removed; requests of power are skipped
    1006                Partition/Diagnostic         a disk came (Capacity 0: it went)
    20001, 20003        UserPnp                      a driver was installed for a new device
    1033, 11707         MsiInstaller                 software was installed; 1034, 11724: removed
    7045                Service Control Manager      a service was installed
    4624, 4625          Security                     somebody logged on (at a keyboard or by remote desktop), or failed to
    4740, 4720          Security                     an account was locked out, or created
    4728, 4732, 4756    Security                     an account was put into a group
    1102                Eventlog                     the audit log was cleared
    4688; 1             Security; Sysmon             a program was started
    3, 11, 22           Sysmon                       a program made a connection, a file, a question for a name
    1116, 1117          Windows Defender             harmful software was found, or dealt with
    5001, 5010, 5012    Windows Defender             protection or scanning was switched off
    307                 PrintService                 a document was printed (log class print)

Fills: `timestamp`, `event_code`, `event_action` (device-connected, device-started, device-removed, device-recognised,
driver-installed, software-installed, software-removed, service-installed, and -failed of those that can fail; logged-on,
log-on-failed, account-locked-out, account-created, group-member-added, audit-log-cleared, program-started, connection-made,
connection-received, file-created, name-asked, threat-found, threat-dealt-with, protection-switched-off, scanning-switched-off, printed),
`event_outcome` (blocked: a policy forbade it, or the password was wrong), `host_name`, `user_name`, `user_domain`,
`user_target_name`, `user_group` (the group that somebody was put into), `source_ip`, `destination_ip`, `destination_port`,
`url_domain` (the name that Sysmon gives for the other side of a connection that this computer made),
`dns_question_name`, `device_*`, `package_*`, `process_executable`, `process_command_line`, `file_name`, `rule_name` (the
name of the harmful software), `rule_category` (of a log-on that failed, the number that says why: 0xc0000072 is an account that
is switched off), `print_pages`. Log-ons and accounts are of log class auth.

Caveats:

- `device-connected` is a device on a bus that a person plugs into (USB, SD, FireWire, Bluetooth, portable devices);
  `device-recognised` is any other: discs inside the computer, printers of the system. A USB disc that speaks UAS comes
  as `SCSI\Disk...` and is `device-recognised`; its USB side comes beside it as `device-connected`.
- One stick makes several events. `device_vendor_id` and `device_product_id` are in USB ids only, not in USBSTOR ids.
- A `device_serial` whose second character is `&` was made up by Windows and says nothing of the device.
- Nobody's name is in most of these events: they are logged by Windows itself. The computer's own account and Windows'
  accounts are no user; a bare SID is no name. Whether a volume is encrypted is never said.
- PowerShell's form has no names of fields; they are taken by position, save in 1006, whose order varies. An NXLog that
  writes UserData as one text gives no device for 2003, 2100, 2102, 20001 and 20003. NXLog has the software's name in
  the message alone, which is read in English. Times without a zone are in the school's zone.
- A print job's pages are those of one copy where the printer makes the copies by itself.
- A JSON array over several lines is not this format: write one object a line.

References: https://learn.microsoft.com/windows/security/threat-protection/auditing/event-6416,
https://learn.microsoft.com/windows/win32/msi/event-logging,
https://www.elastic.co/guide/en/beats/winlogbeat/current/exported-fields-winlog.html,
https://docs.nxlog.co/refman/current/im/msvistalog.html; for device ids see `windows_device`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from aup_monitor.core.format import REJECT, SKIP, Format
from aup_monitor.core.schema import EVENT_SCHEMA
from aup_monitor.formats.endpoint.windows_columns import cleaned, event_columns
from aup_monitor.formats.endpoint.windows_events import KINDS, PARTS, PATHS, SHAPES

if TYPE_CHECKING:
    from aup_monitor.core.format import Context

CODES: Final = sorted({str(kind.code) for kind in KINDS})
_KEYS: Final = ["shape", "provider", "code"]


_LOOKS: Final = r"^\s*\{.*(?:" + "|".join(shape.mark for shape in SHAPES) + ")"


def parse(lines: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """
    Turn lines into columns (`core.format.Parse`).

    JSON is read by path, never decoded whole: `str.json_decode` raises on a line that is no JSON and overruns the
    stack on deep nesting, where `str.json_path_match` answers null. One path is looked up in every line; the rest only
    in events of a known number.
    """
    coded = lines.with_columns(_shape().alias("shape")).with_columns(_code().alias("code"))
    known = pl.col("code").is_in(CODES).fill_null(False)
    return pl.concat([_events(coded.filter(known), context), _others(coded.filter(~known))], how="diagonal")


def _shape() -> pl.Expr:
    """Return the name of the first shape whose mark the line bears."""
    marked = [pl.when(pl.col("line").str.contains(shape.mark)).then(pl.lit(shape.name)) for shape in SHAPES]
    return pl.coalesce(marked)


def _of_shape(attribute: str) -> pl.Expr:
    values = {shape.name: getattr(shape, attribute) for shape in SHAPES}
    return pl.col("shape").replace_strict(values, return_dtype=pl.String)


def _code() -> pl.Expr:
    """Return the event's number; null where the line is no event of its shape, or has none."""
    text = pl.col("line").str.json_path_match(_of_shape("code"))
    return pl.coalesce(text.str.extract(r'"#text":\s*"?(\d+)'), text.str.extract(r"^(\d+)$"))


def _events(coded: pl.LazyFrame, context: Context) -> pl.LazyFrame:
    """Return events of a known number; those of another provider are skipped."""
    provided = coded.with_columns(pl.col("line").str.json_path_match(_of_shape("provider")).alias("provider"))
    frame = provided.join(PATHS.lazy(), on=_KEYS, how="left", maintain_order="left")
    frame = frame.with_columns(pl.col("line").str.json_path_match(pl.col(part)).alias(part) for part in PARTS)
    frame = frame.with_columns(cleaned(part) for part in PARTS)
    for step in event_columns(context):
        frame = frame.with_columns(step)
    return frame.select("offset", pl.lit(None, pl.String).alias(REJECT), SKIP, *_filled(frame))


def _filled(frame: pl.LazyFrame) -> list[str]:
    have = frame.collect_schema().names()
    return [name for name in EVENT_SCHEMA if name in have]


def _others(coded: pl.LazyFrame) -> pl.LazyFrame:
    """Return the lines that hold no event of ours: skipped if they are Windows events, rejected if they are not."""
    numberless = pl.col("code").is_null()
    json = pl.col("line").str.json_path_match(pl.when(numberless).then(pl.lit("$"))).is_not_null()
    reason = (
        pl.when(numberless & json).then(pl.lit("JSON, but no Windows event"))
        .when(numberless).then(pl.lit("not a JSON object"))
    )  # fmt: skip
    return coded.select("offset", reason.alias(REJECT), (~numberless).alias(SKIP))


FORMAT: Final = Format(
    name="windows-json",
    log_class="endpoint",
    title="Windows events (JSON)",
    looks=_LOOKS,
    doc=__doc__,
    parse=parse,
)
