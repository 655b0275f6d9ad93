r"""Fields that are not quite a column of ours: extensions, names of files, providers, who made a connection."""

from __future__ import annotations

import pytest

from aup_monitor.detect.fields import in_columns
from aup_monitor.detect.reference import Surroundings, leaf_holds
from aup_monitor.detect.sigma import parse_item
from aup_monitor.detect.tree import AllOf, AnyOf, Node, Not
from aup_monitor.detect.vocabulary import vocabulary
from aup_monitor.formats.endpoint.windows_events import KINDS

NOWHERE = Surroundings({})


def holds(node: Node, event: dict[str, object]) -> bool:
    """Tell whether a line of a selection holds of an event."""
    match node:
        case Not(inner):
            return not holds(inner, event)
        case AllOf(nodes):
            return all(holds(inner, event) for inner in nodes)
        case AnyOf(nodes):
            return any(holds(inner, event) for inner in nodes)
        case _:
            return leaf_holds(node, event, NOWHERE)  # type: ignore[arg-type]  # lines hold no selections


def line(key: str, value: object) -> Node:
    """Return a line of a selection as rules are read."""
    values = value if isinstance(value, list) else [value]
    return in_columns(parse_item(key, values, vocabulary().column), vocabulary().meaning)


@pytest.mark.parametrize(
    ("key", "value", "hit", "miss"),
    [
        ("c-uri-extension", ["exe", "msi"], {"url_path": "/a/B.EXE"}, {"url_path": "/exe"}),
        ("TargetFilename|endswith", r"\AnyDesk.exe", {"file_name": "anydesk.exe"}, {"file_name": "NotAnyDesk.exe"}),
        ("TargetFilename|endswith", ".kdbx", {"file_name": "my.kdbx"}, {"file_name": "kdbx"}),
        ("TargetFilename", r"*\tools*.zip", {"file_name": "tools-2.zip"}, {"file_name": "a-tools.zip"}),
        ("Provider_Name", "Service Control Manager", {"event_code": "7045"}, {"event_code": "1102"}),
        ("Provider_Name|contains", "sysmon", {"event_code": "22"}, {"event_code": "4688"}),
        ("Channel", "Security", {"event_code": "4688"}, {"event_code": "1"}),
        ("Initiated", "true", {"event_action": "connection-made"}, {"event_action": "connection-received"}),
        ("Initiated", True, {"event_action": "connection-made"}, {"event_action": "connection-received"}),
        ("Initiated", "false", {"event_action": "connection-received"}, {"event_action": "connection-made"}),
        ("Signature|contains", "Tool", {"rule_name": "HackTool:Win32/X"}, {"rule_name": "Adware"}),
    ],
)  # fmt: skip
def test_a_field_is_asked_of_its_column(
    key: str, value: object, hit: dict[str, object], miss: dict[str, object]
) -> None:
    """What the field would say, the column says."""
    assert holds(line(key, value), hit)
    assert not holds(line(key, value), miss)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("TargetFilename|contains", "\\Temp\\"),
        ("TargetFilename|endswith", r"\Startup\x.exe"),
        ("TargetFilename|startswith", "C:\\Users\\"),
        ("Provider_Name", "Nobody we read"),
        ("c-uri-extension|re", "^e"),
        ("ParentImage|endswith", r"\cmd.exe"),
    ],
)
def test_what_no_column_can_answer_never_holds(key: str, value: str) -> None:
    """A folder of a file whose name alone is kept, a provider that is not read: never a hit, and never a guess."""
    event = {"file_name": r"C:\Users\Temp\x.exe", "event_code": "1", "url_path": "/a.exe", "process_executable": "cmd.exe"}  # fmt: skip

    assert not holds(line(key, value), event)


def test_the_providers_are_those_that_are_read() -> None:
    """Each event of Windows that a format reads is known by its provider, and no other."""
    said = {
        (name, code) for name, codes in vocabulary().meaning("Provider_Name").values.items() for code in codes
    }

    assert said == {(kind.provider, str(kind.code)) for kind in KINDS}
