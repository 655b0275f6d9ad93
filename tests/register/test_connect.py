"""Opening a register: a new one, two in turn, and everything that is not one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ImproperlyConfigured

from aup_monitor.core.errors import StoreError
from aup_monitor.register import services
from aup_monitor.register.connect import Register, open_register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from conftest import MakeIncident


def test_a_new_register_is_private_and_in_write_ahead_mode(database: Path) -> None:
    """Only its owner may read it, whatever the mask; people may read while an analysis writes."""
    mask = os.umask(0)
    with open_register(database) as register:
        os.umask(mask)
        assert register.place == str(database)
        assert {file.name for file in database.parent.iterdir()} > {database.name}
        for file in database.parent.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = sqlite3.connect(database)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert other.execute("PRAGMA application_id").fetchone() == (0x41555052,)
    other.close()


def test_a_register_that_others_could_read_is_made_private_again(database: Path) -> None:
    """A careless copy or chmod is put right at the next opening."""
    open_register(database).close()
    database.chmod(0o644)
    open_register(database).close()
    assert stat.S_IMODE(database.stat().st_mode) == 0o600


def test_what_was_recorded_is_there_when_opened_again(
    database: Path, incident: MakeIncident, now: datetime
) -> None:
    """An incident survives closing, to the last field."""
    with open_register(database):
        services.record([incident()], [], now)
    with open_register(str(database)):
        assert [recorded.incident for recorded in services.incidents()] == [incident()]


def test_two_registers_in_turn_do_not_mix(tmp_path: Path, incident: MakeIncident, now: datetime) -> None:
    """One process may open one register after another; each holds its own, whether the first was closed or not."""
    first = open_register(tmp_path / "first")
    services.record([incident("one")], [], now)
    with open_register(tmp_path / "second"):
        services.record([incident("two")], [], now)
        first.close()
        assert [recorded.incident.subject for recorded in services.incidents()] == ["two"]
    with open_register(tmp_path / "first"):
        assert [recorded.incident.subject for recorded in services.incidents()] == ["one"]


def test_a_service_without_an_open_register_is_a_mistake(register: Register) -> None:
    """Nothing is written by chance to a register that was closed."""
    register.close()
    with pytest.raises(ImproperlyConfigured):
        services.incidents()


def test_a_refused_register_does_not_stay_open(tmp_path: Path, register: Register) -> None:
    """After a failure no register is open: not the one refused, and not the one before by surprise."""
    assert register.place
    with pytest.raises(StoreError):
        open_register(tmp_path)
    with pytest.raises(ImproperlyConfigured):
        services.incidents()


def test_opening_a_register_that_is_up_to_date_writes_nothing(database: Path) -> None:
    """A look at the register does not change the file."""
    open_register(database).close()
    before = database.read_bytes()
    open_register(database).close()
    assert database.read_bytes() == before


def test_opening_is_quick(database: Path) -> None:
    """Nobody waits for the register: under 0.3 s with room for a busy machine, the best of five."""
    open_register(database).close()
    times = []
    for _ in range(5):
        start = time.perf_counter()
        open_register(database).close()
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A register is not made in a folder that is not there: perhaps a disk is not mounted."""
    with pytest.raises(StoreError, match="no such folder") as caught:
        open_register(tmp_path / "disk" / "register.sqlite3")
    assert caught.value.fix == f"mkdir -p {tmp_path / 'disk'}"
    assert caught.value.exit_code == 5


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """The folder of the register is not the register."""
    with pytest.raises(StoreError, match="this is a folder"):
        open_register(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"Incidents of the autumn term\n", b"\x00", b"PK\x03\x04" + bytes(5000), b"SQLite format 2\x00"],
)
def test_another_kind_of_file_is_refused_and_not_touched(database: Path, content: bytes) -> None:
    """A path mistyped in aup.toml costs nobody a file."""
    database.write_bytes(content)
    with pytest.raises(StoreError, match=r"not a register\n.*aup.toml"):
        open_register(database)
    assert database.read_bytes() == content


def test_another_programs_database_is_refused_and_not_touched(database: Path) -> None:
    """An SQLite database without our mark is somebody else's."""
    other = sqlite3.connect(database)
    other.execute("CREATE TABLE pupils (name TEXT)")
    other.close()
    before = database.read_bytes()
    with pytest.raises(StoreError, match="another program's database"):
        open_register(database)
    assert database.read_bytes() == before


def test_an_empty_file_becomes_a_register(database: Path) -> None:
    """A first start that was killed before it wrote anything is carried on."""
    database.touch()
    with open_register(database):
        assert services.incidents() == []


def test_a_register_from_the_future_is_refused(database: Path) -> None:
    """A migration that this program does not know means that an upgrade was undone."""
    open_register(database).close()
    other = sqlite3.connect(database)
    other.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('register', '0099_later', '2030-01-01')"
    )
    other.commit()
    other.close()
    with pytest.raises(StoreError, match="newer version") as caught:
        open_register(database)
    assert "upgrade" in (caught.value.fix or "")


def test_the_migrations_of_another_app_are_no_concern(database: Path) -> None:
    """A web console may keep its own tables in the same database."""
    open_register(database).close()
    other = sqlite3.connect(database)
    other.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('auth', '0001_initial', '2026-01-01')"
    )
    other.commit()
    other.close()
    with open_register(database) as again:
        assert again.place == str(database)


def test_a_register_without_its_tables_is_refused(database: Path) -> None:
    """Marked as ours but empty: somebody deleted what people had decided."""
    open_register(database).close()
    other = sqlite3.connect(database)
    other.execute("PRAGMA foreign_keys = OFF")
    other.execute("DROP TABLE register_incident")
    other.close()
    with pytest.raises(StoreError, match="tables are gone"):
        open_register(database)


@pytest.mark.parametrize("start", [16, 100, 4096])
def test_a_damaged_register_is_named(database: Path, start: int) -> None:
    """A file overwritten in its header or its first tables is refused in words, not with a traceback."""
    open_register(database).close()
    content = bytearray(database.read_bytes())
    content[start:20480] = b"\xff" * (20480 - start)
    database.write_bytes(content)
    with pytest.raises(StoreError, match=r"damaged|not a register|tables are gone|another program"):
        open_register(database)


def test_damage_further_on_is_named_when_it_is_met(
    database: Path, incident: MakeIncident, now: datetime
) -> None:
    """A register that opens but cannot be read says so, and what to do."""
    with open_register(database):
        services.record([incident(f"s{number}") for number in range(200)], [], now)
    content = bytearray(database.read_bytes())
    content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    database.write_bytes(content)
    with pytest.raises(StoreError, match="damaged") as caught, open_register(database):
        services.incidents()
    assert "backup" in (caught.value.fix or "")


def test_a_register_that_is_being_written_says_so(
    database: Path, incident: MakeIncident, now: datetime
) -> None:
    """When waiting did not help, the message says what to wait for, and nothing is half written."""
    open_register(database).close()
    other = sqlite3.connect(database, isolation_level=None)
    with open_register(database, wait=0.1):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program is writing"):
            services.record([incident()], [], now)
        other.execute("ROLLBACK")
        assert services.incidents() == []
    other.close()


def test_a_new_register_that_another_program_holds_says_so(database: Path) -> None:
    """The same while the tables are being made."""
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="another program is writing"):
        open_register(database, wait=0.1)
    other.close()


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """Give a folder of a plain account, whose rights the test then has; root may do everything, which would prove nothing."""
    folder = Path(tempfile.mkdtemp(prefix="aup-nobody-"))
    root = os.geteuid() == 0
    if root:
        os.chown(folder, 65534, 65534)
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)
        shutil.rmtree(folder)


def test_a_read_only_register_is_refused(as_nobody: Path) -> None:
    """Every look is audited, so a register that cannot be written cannot be used; said at once."""
    database = as_nobody / "register.sqlite3"
    open_register(database).close()
    database.chmod(0o400)
    with pytest.raises(StoreError, match="may not use the register") as caught:
        open_register(database)
    assert "owner" in (caught.value.fix or "")


def test_a_read_only_folder_is_refused(as_nobody: Path) -> None:
    """A register cannot be made there."""
    as_nobody.chmod(0o500)
    with pytest.raises(StoreError, match="may not use the register"):
        open_register(as_nobody / "register.sqlite3")
    assert list(as_nobody.iterdir()) == []


def test_a_failed_upgrade_leaves_no_half_register(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables are made in one transaction: killed in between, the next start begins at the beginning."""

    def killed() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("aup_monitor.register.sqlite_file.mark", killed)
        with pytest.raises(KeyboardInterrupt):
            open_register(database)
    other = sqlite3.connect(database)
    assert other.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    other.close()
    with open_register(database):
        assert services.incidents() == []
