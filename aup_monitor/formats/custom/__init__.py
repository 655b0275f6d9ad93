r"""
Your own formats: a log described by a few lines of aup.toml, without a program.

    [formats.our-filter]
    kind = "csv"
    log_class = "web"
    time = { column = "Time", format = "%d/%m/%Y %H:%M:%S", zone = "Europe/London" }
    columns = { user_name = "Username", source_ip = "Source IP", url_full = "URL", rule_category = "Categories" }
    outcome = { column = "Action", allowed = ["Allowed"], blocked = ["Blocked", "Denied"] }

`aup ingest` then recognises such files by themselves; `aup ingest --format our-filter FILE` and format = "our-filter" in
[[sources]] say it outright. A format with the name of a shipped one takes its place.

Kinds:

- csv: cells. A line that names the columns may come again in the middle of a file; without one, say header = false and
  names = ["Time", "User", ...]. delimiter (a comma unless said, "\t" for a tab) and quote.
- keyvalue: time=... user="..." parted by blanks, or by delimiter.
- json: one object a line; an inner value is named by its path, such as "user.name".
- regex: pattern = '...' with named groups, such as (?<source_ip>\S+). Groups named like event columns fill them. No
  look-around: https://docs.rs/regex/latest/regex/#syntax
- squid: logformat = '...', what stands after the name in squid.conf (write it in single quotes). Columns fill themselves;
  columns = { rule_category = "%{category}note" } adds others. https://www.squid-cache.org/Doc/config/logformat/

Settings:

- time: column (or several: ["Date", "Time"]); format: iso, epoch, epoch_ms, epoch_us, syslog (without a year) or a pattern,
  or a list of them (https://docs.rs/chrono/latest/chrono/format/strftime/); zone, where it is not the site's.
- columns: our column = their column; "A|B" means the first that says something. `aup schema` shows ours. Accounts lose
  their domain (user_domain), url_full is split into its parts, addresses and numbers are checked; "-" and "" are nothing.
- outcome: which words of a column mean allowed and blocked, in any case; others are unknown.
- title, vendor, product: what reports call it. duration: s, ms, us or ns, the unit of event_duration.
- looks: a regular expression of a line of this format, to recognise it by. skip: of lines to pass over;
  only: of the lines that are meant, where all others are to be passed over.

A line whose time cannot be read, that has too few cells, or whose quoted cell runs over the end of the line is a reject with
its reason: nothing is guessed.
"""

from aup_monitor.formats.custom.build import build

__all__ = ["build"]
