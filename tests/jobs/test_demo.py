"""The demo: the whole journey, the same on any day and any machine, and what the repository shows of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aup_monitor.core.errors import ConfigError
from aup_monitor.jobs.demo import Demo, demo
from aup_monitor.register import services
from aup_monitor.register.connect import open_register

pytestmark = pytest.mark.xdist_group("demo")  # the work that its tests share is done once

EXAMPLES = Path(__file__).parents[2] / "reports" / "examples"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return the demo, made once."""
    return demo(tmp_path_factory.mktemp("demo") / "school")


def test_the_examples_are_what_the_demo_prints(made: Demo) -> None:
    """What `reports/examples/` shows is what comes out today; the PDF and its pictures follow the libraries' versions."""
    for path in made.reports:
        if path.suffix in {".json", ".csv"}:
            same = path.read_bytes() == (EXAMPLES / path.name).read_bytes()
            assert same, f"{path.name} differs; if the change is meant: make examples"


def test_people_acted_and_the_trail_is_whole(made: Demo) -> None:
    """Self-reports and decisions are in the register, and its audit trail verifies."""
    with open_register(made.reports[0].parents[1] / "register.sqlite3"):
        states = {str(one.state) for one in services.incidents()}
        assert services.verify() == ()
    assert {"new", "triaged", "actioned", "closed"} <= states


def test_an_earlier_demo_is_replaced_and_nothing_else_is(made: Demo, tmp_path: Path) -> None:
    """A folder with anything else in it is left alone."""
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"holds no demo[\s\S]*aup demo"):
        demo(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "mine"
    again = demo(made.reports[0].parents[1])
    assert again.analysis.incidents == made.analysis.incidents
