"""Finding a workspace, and where its parts lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from aup_monitor.core.errors import ConfigError
from aup_monitor.core.workspace import NoWorkspaceError, find_workspace, open_workspace

SETTINGS = 'school = "Elm Park"\n[sites.main]\nname = "Elm Park"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a workspace's folder."""
    path = tmp_path / "school"
    path.mkdir()
    (path / "aup.toml").write_text(SETTINGS)
    return path


def test_parts(folder: Path) -> None:
    """Everything lies below the folder; the register is a file unless a database is named."""
    workspace = open_workspace(folder)
    assert [p.name for p in (workspace.lake, workspace.lists, workspace.rules, workspace.reports)] == [
        "lake",
        "lists",
        "rules",
        "reports",
    ]
    assert workspace.database == folder.resolve() / "register.sqlite3"
    (folder / "aup.toml").write_text(f'database = "postgresql://aup@localhost/aup"\n{SETTINGS}')
    assert open_workspace(folder).database == "postgresql://aup@localhost/aup"


def test_paths_of_the_settings(folder: Path) -> None:
    """A relative path is of the workspace, wherever one stands; an absolute one and `~` are themselves."""
    workspace = open_workspace(folder)
    assert workspace.path("people.csv") == folder.resolve() / "people.csv"
    assert workspace.path("/var/log/squid") == Path("/var/log/squid")
    assert workspace.path("~/people.csv") == Path.home() / "people.csv"


def test_given_before_named_before_upward(folder: Path, tmp_path: Path) -> None:
    """`-w` wins over AUP_WORKSPACE, and that over the folder one stands in."""
    others = [tmp_path / name for name in ("given", "named")]
    for other in others:
        other.mkdir()
        (other / "aup.toml").write_text(SETTINGS.replace('"Elm Park"', f'"{other.name}"'))
    given, named = others
    environment = {"AUP_WORKSPACE": str(named)}
    assert find_workspace(given, folder, environment).config.school == "given"
    assert find_workspace(None, folder, environment).config.school == "named"
    below = folder / "logs" / "old"
    below.mkdir(parents=True)
    assert find_workspace(None, below, {}).folder == folder.resolve()


def test_none(tmp_path: Path, folder: Path) -> None:
    """Nothing here or above says how to make or name one; a named folder without settings is a wrong setting."""
    with pytest.raises(
        NoWorkspaceError, match=r"no workspace here or above.*\n  Next: make one: aup init FOLDER"
    ):
        find_workspace(None, tmp_path, {})
    with pytest.raises(ConfigError, match="there is no such file") as failure:
        find_workspace(tmp_path, folder, {})
    assert not isinstance(failure.value, NoWorkspaceError)
