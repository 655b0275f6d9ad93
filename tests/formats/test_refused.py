"""Cameras are refused, and a proxy's log in which somebody visited a maker of cameras is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from aup_monitor.core.errors import InputError
from aup_monitor.formats.refused import refuse_cameras, refuse_folder_of_cameras

SAMPLES = Path(__file__).parents[2] / "sample_logs"

LOGS = {
    "Hikvision": [
        '<EventNotificationAlert version="2.0" xmlns="http://www.hikvision.com/ver20/XMLSchema">',
        '{"ipAddress":"192.0.2.9","channelID":1,"dateTime":"2026-01-12T08:45:01Z","eventType":"VMD","eventState":"active"}',
        "1,2026-01-12 08:45:01,Major Type: Alarm,Minor Type: Motion Detection Started,A1",
    ],
    "Dahua": ["Code=VideoMotion;action=Start;index=0;data={}"],
    "Axis": [
        "<46>2026-01-12T08:45:01.000Z axis-accc8e0a1b2c [ INFO    ] monolith[312]: stream started",
        "<tt:Topic>tns1:Device/tnsaxis:IO/VirtualPort</tt:Topic>",
    ],
    "ONVIF": ["<wsnt:NotificationMessage><wsnt:Topic>tns1:RuleEngine/CellMotionDetector/Motion</wsnt:Topic>"],
    "Milestone XProtect": [
        "2026-01-12 08:45:01.123+00:00 [  12] INFO - VideoOS.Recorder: camera started",
        "2026-01-12 08:45:01 XProtect Recording Server: archiving",
    ],
    "Genetec": ["2026-01-12 08:45:01 Genetec.Archiver: camera Hall lost"],
    "Avigilon": ["2026-01-12 08:45:01 Avigilon Control Center: operator viewed Hall"],
    "Verkada": [
        '{"org_id":"0f0e0d0c-0000-4000-8000-000000000001","webhook_type":"notification","data":{"camera_id":"x"}}'
    ],
    "UniFi Protect": [
        "<14>Jan 12 08:45:01 console unifi-protect[900]: motion on Hall",
        '{"modelKey":"camera","name":"Hall","isRecording":true}',
    ],
    "Blue Iris": ["0    1/12/2026 8:45:01.123 AM  Hall  MOTION_A"],
    "Frigate": ["[2026-01-12 08:45:01] frigate.video                  ERROR   : hall: no frames"],
    "": ["<134>Jan 12 08:45:01 nvr: Motion detected on Camera 4", "Jan 12 08:45:01 nvr CH03: video loss"],
}


@pytest.mark.parametrize(("make", "line"), [(make, line) for make, lines in LOGS.items() for line in lines])
def test_logs_of_cameras_are_refused(make: str, line: str) -> None:
    """By what a recorder says of itself; the error names the make and the clause, and what to do."""
    with pytest.raises(InputError, match="a log of cameras") as caught:
        refuse_cameras(f"{line}\n{line}\nanother line\n".encode())
    assert make in str(caught.value)
    assert "TLA-NO-CCTV (No link to cameras). What security cameras show" in str(caught.value)
    assert "Next: leave the files of cameras out" in str(caught.value)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(
    "head",
    [
        b"\x00\x00\x00\x20ftypisom" + bytes(40),
        b"RIFF\x10\x00\x00\x00AVI LIST",
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
        b"\x1aE\xdf\xa3" + bytes(40),
        (b"G" + bytes(187)) * 4,
        b"DHAV\xfd\x00" + bytes(40),
        b"IMKH" + bytes(40),
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x89PNG\r\n\x1a\n" + bytes(8),
    ],
)
def test_recordings_and_pictures_are_refused(head: bytes) -> None:
    """By their first bytes, whatever they are called."""
    with pytest.raises(InputError, match=r"this is a (?:recording|picture) .*TLA-NO-CCTV"):
        refuse_cameras(head)


PROXY = (
    "1768207501.123     45 10.0.0.1 TCP_MISS/200 512 {method} {url} alice HIER_DIRECT/192.0.2.7 text/html\n"
)


@pytest.mark.parametrize(
    "url",
    [
        "http://www.hikvision.com/en/products/",
        "http://192.0.2.9/ISAPI/Event/notification/alertStream",
        "http://www.axis.com/products/axis-accc8e0a1b2c",
        "http://www.onvif.org/ver10/schema/onvif.xsd",
        "http://www.verkada.com/?camera_id=1",
        "http://a.example/Motion%20detected%20camera%201",
        "http://www.milestonesys.com/XProtect%20Smart%20Client",
        "http://forum.example/?q=Code=VideoMotion",
    ],
)
def test_visits_to_makers_of_cameras_are_no_logs_of_cameras(url: str) -> None:
    """Even if every line of a proxy's log is such a visit."""
    refuse_cameras((PROXY.format(method="GET", url=url) * 5).encode())
    refuse_cameras((f'{{"timestamp":"2026-01-12T08:45:01Z","url":"{url}","user":"alice"}}\n' * 5).encode())
    refuse_cameras((f"2026-01-12 08:45:01,alice,10.0.0.1,{url},Business,Allowed\n" * 5).encode())


def test_no_sample_is_refused() -> None:
    """No log that this program reads is taken for one of cameras."""
    for path in [p for p in SAMPLES.rglob("*") if p.is_file()]:
        refuse_cameras(path.read_bytes()[: 64 << 10])


def test_no_real_sample_is_refused(shared: Path) -> None:
    """Nor is any real log."""
    for path in sorted((shared / "samples").rglob("*")):
        if path.is_file() and path.suffix in {".log", ".txt", ".csv", ".evtx", ".pcap"}:
            with path.open("rb") as file:
                refuse_cameras(file.read(64 << 10))


def test_leases_of_cameras_are_no_logs_of_cameras() -> None:
    """A DHCP server names cameras as it names all devices."""
    line = "Jan 12 08:45:01 dhcp1 dhcpd: DHCPACK on 192.0.2.9 to ac:cc:8e:0a:1b:2c (axis-accc8e0a1b2c) via eth0\n"
    refuse_cameras((line * 5).encode())


def test_few_lines_of_cameras_in_a_log_do_not_count() -> None:
    """More than half has to be of one make."""
    refuse_cameras(b"Code=VideoMotion;action=Start;index=0\n" + b"something else\n" * 2)


def test_a_folder_of_recordings_is_refused() -> None:
    """Where most of it is recordings and pictures; a picture beside logs does not count."""
    with pytest.raises(
        InputError, match=r"/nvr: 2 of the 3 files here are recordings or pictures.*TLA-NO-CCTV"
    ):
        refuse_folder_of_cameras([Path("a.mp4"), Path("b.JPG"), Path("index.log")], "/nvr")
    refuse_folder_of_cameras([Path("a.log"), Path("b.log"), Path("logo.png")], "/logs")
