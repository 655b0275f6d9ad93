"""The examiner is sound: the same week from a seed, every line read, every theme planted, the reckoning right."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from aup_monitor.core.incident import Confidence, Incident, Intent
from aup_monitor.detect.themes import themes
from tests.simulation.__main__ import told
from tests.simulation.browsing import as_typed
from tests.simulation.material import DATA, kinds, known, lines, material, sites, traps
from tests.simulation.school import DAYS, FILTERS, School
from tests.simulation.score import Score, table, totals
from tests.simulation.stories import TALES, Story
from tests.simulation.week import measured, written
from tests.simulation.written import DAMAGED

if TYPE_CHECKING:
    from pathlib import Path

SMALL = 0.04


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Score:
    """Return a day of a small school, judged."""
    return measured(3, tmp_path_factory.mktemp("week") / "school", SMALL, days=DAYS[:1])


def logs(seed: int, folder: Path) -> dict[str, bytes]:
    """Return the logs of a small week."""
    written(School(seed, SMALL), folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_seed_is_a_week(tmp_path: Path) -> None:
    """The same bytes come from the same seed, others from another."""
    one, again, other = (logs(seed, tmp_path / name) for seed, name in ((3, "a"), (3, "b"), (4, "c")))

    assert one == again
    assert all(one[name] != other[name] for name in one)


def test_a_day_is_judged_whole(small: Score) -> None:
    """Every line but the damaged ones is read, every kind of story is planted, and the figures are shares."""
    assert {story.kind for story in small.stories} == set(kinds(3))
    assert sum(small.levels.values()) > 10_000
    assert all(0 <= share <= 1 for share in list(small.totals().values())[:3])
    assert "severity 5" in table([small])


def test_labels_are_of_themes_and_people_that_exist(small: Score) -> None:
    """Each story is somebody's or some device's, and its themes are those that the product knows."""
    school = School(3, SMALL)
    subjects = {p.account for p in school.people} | {p.machine.lower() for p in school.people}

    assert {theme for story in small.stories for theme in (story.theme, *story.also)} <= set(themes())
    assert all(story.subjects & subjects for story in small.stories)


def test_there_is_enough_to_choose_from() -> None:
    """Each kind that is told by phrases or sites has a dozen of them, and what is innocent is thousands."""
    every = kinds(11)
    told = {
        kind: len(given.get("searches", [])) + len(given.get("sites", [])) for kind, given in every.items()
    }

    assert not {kind: count for kind, count in told.items() if 0 < count < 12}
    assert all(given.get("special", "ordinary") in TALES for given in every.values())
    assert len(lines("innocent/words")) * len(lines("innocent/frames")) > 5000
    assert len(lines("innocent/traps")) > 1000
    assert len(sites()) > 400


def test_nothing_innocent_is_planted() -> None:
    """No phrase is both planted and innocent, and no planted site an ordinary one of the school's."""
    every = kinds(11, "both").values()
    searches = {text for given in every for text in given.get("searches", []) if given["theme"] != "support"}
    harmless = {
        *traps("both"),
        *(text for one in material("lessons").values() for text in one["searches"]),
    }
    theirs = {host for given in every if given["who"] != "staff" for host in given.get("sites", [])}

    assert not searches & harmless
    assert not theirs & {site.host for site in sites()}


def test_a_third_is_withheld_from_those_who_mend_rules() -> None:
    """Seeds up to 10 know two thirds of the phrases, always the same; the others know all."""
    phrases = [f"phrase {n}" for n in range(300)]

    assert known(phrases, 11) == phrases
    assert known(phrases, 1) == known(phrases, 2)
    assert 150 < len(known(phrases, 1)) < 250


def test_the_second_bank_tells_of_the_same_kinds() -> None:
    """Every kind that is told by searches or sites has enough of its own in the second bank, under the same labels."""
    first, second = kinds(11), kinds(11, "second")
    counts = {
        kind: (len(given.get("searches", [])), len(given.get("sites", []))) for kind, given in second.items()
    }
    stems = {path.stem for path in (DATA / "second" / "stories").glob("*.yml")}
    named = {kind: given for stem in stems for kind, given in material(f"second/stories/{stem}").items()}

    assert {kind: given["theme"] for kind, given in first.items()} == {
        kind: given["theme"] for kind, given in second.items()
    }
    assert {kind: set(given) for kind, given in named.items()} == {
        kind: keys for kind, given in first.items() if (keys := {"searches", "sites"} & set(given))
    }
    assert not {kind: count for kind, (count, _) in counts.items() if 0 < count < 25}
    assert not {kind: count for kind, (_, count) in counts.items() if 0 < count < 8}
    assert len(traps("second")) > 500


def test_the_banks_share_nothing() -> None:
    """No search, site or innocent search of one bank is in the other, and both together are the two."""
    first, second, both = (kinds(11, bank) for bank in ("first", "second", "both"))
    for key in ("searches", "sites"):
        ours, theirs = (
            {text for given in bank.values() for text in given.get(key, [])} for bank in (first, second)
        )
        assert not ours & theirs
        assert all(
            given.get(key, []) == first[kind].get(key, []) + second[kind].get(key, [])
            for kind, given in both.items()
        )

    assert not set(traps("first")) & set(traps("second"))
    assert traps("both") == [*traps("first"), *traps("second")]


def test_nothing_of_the_second_bank_is_withheld() -> None:
    """All seeds know all of it."""
    assert kinds(1, "second") == kinds(11, "second")
    assert traps("second", 1) == traps("second") == traps("second", 11)
    assert len(traps("first", 1)) < len(traps("first", 11))


def test_a_week_is_told_by_its_bank(tmp_path: Path) -> None:
    """Of two days from one seed, each reaches the sites of its own bank and none of the other's."""
    hosts = {
        bank: {host for given in kinds(11, bank).values() for host in given.get("sites", [])}
        for bank in ("first", "second")
    }
    reached = {}
    for bank in ("first", "second"):
        stories = written(School(11, SMALL, DAYS[:1], bank), tmp_path / bank)
        reached[bank] = {word for story in stories for word in story.told.split()}

    assert len(reached["first"] & hosts["first"]) > 5
    assert len(reached["second"] & hosts["second"]) > 5
    assert not reached["first"] & hosts["second"]
    assert not reached["second"] & hosts["first"]


def test_the_second_bank_is_shown_in_numbers_alone() -> None:
    """What was missed of it and what was false is told by kind and theme; the words only when somebody unseals them."""
    missed = replace(story("gambling"), told="a phrase of the bank")
    false = incident("adult").model_copy(update={"details": ("an innocent phrase",)})
    scores = [Score([missed], [false], 10, {})]

    for bank in ("second", "both"):
        assert "gambling 1 of 1" in told(scores, bank)
        assert "adult 1" in told(scores, bank)
        assert "phrase" not in told(scores, bank)
    for words in (told(scores, "first"), told(scores, "second", unsealed=True)):
        assert "a phrase of the bank" in words
        assert "an innocent phrase" in words


def test_every_way_of_logging_is_used(tmp_path: Path) -> None:
    """People's requests go through three filters, and each log has lines; the damaged ones are in one of them."""
    week = logs(5, tmp_path / "logs")

    assert {person.filter for person in School(5, SMALL).people} == set(FILTERS)
    assert all(len(text.splitlines()) > 10 for text in week.values())
    assert all(line.encode() in week["access.log"] for line in DAMAGED)
    assert b" CONNECT " in week["e2guardian.log"]
    assert b"/search?q=" not in week["e2guardian.log"]


def test_typing_keeps_most_of_a_phrase() -> None:
    """A phrase typed in a hurry is the phrase, or nearly."""
    school = School(1, SMALL)
    typed = [as_typed(school, "where is the library") for _ in range(200)]

    assert typed.count("where is the library") > 80
    assert len(set(typed)) > 8


def test_the_files_are_in_order() -> None:
    """Lists hold nothing twice, and every phrase is text."""
    for path in DATA.glob("**/*.txt"):
        given = lines(str(path.relative_to(DATA).with_suffix("")))
        assert len(given) == len(set(given))
    for given in kinds(11, "both").values():
        for key in ("searches", "sites"):
            texts = given.get(key, [])
            assert len(texts) == len(set(texts))
            assert all(isinstance(text, str) for text in texts)


def incident(theme: str, severity: int = 3, subject: str = "27ajones1") -> Incident:
    """Return an incident of that theme."""
    moment = datetime(2026, 9, 14, 10, tzinfo=UTC)
    return Incident(
        id="0" * 16, site="main", rule="r", subject=subject, subject_kind="user", role="pupil", day=DAYS[0], title="",
        theme=theme, clauses=(), severity=severity, confidence=Confidence.HIGH, confidence_reasons=(),
        intent=Intent.UNCLEAR, intent_reasons=(), first_seen=moment, last_seen=moment, visits=1, events=1, blocked=0,
        in_school_hours=True, details=(), addresses=(), devices=(), visibility="url", rule_author="", evidence=(),
    )  # fmt: skip


def story(theme: str, *also: str, severe: bool = False) -> Story:
    """Return a label of that theme."""
    return Story(theme, theme, frozenset(also), severe, frozenset({"27ajones1"}), DAYS[0], "")


@pytest.mark.parametrize(
    ("stories", "incidents", "figures"),
    [
        ([story("gambling")], [incident("gambling")], (1, 1, 1, 0)),
        ([story("gambling")], [incident("adult")], (1, 0, 0, 100)),
        ([story("gambling", "adult")], [incident("adult")], (1, 1, 1, 0)),
        ([story("self-harm", severe=True)], [incident("self-harm", 2)], (0, 0, 1, 0)),
        ([story("gambling")], [incident("gambling", subject="other")], (1, 0, 0, 100)),
        ([story("gambling")], [incident("gambling"), incident("adult", 1)], (1, 1, 1, 0)),
        ([], [incident("support")], (1, 1, 1, 0)),
    ],
)
def test_the_reckoning(
    stories: list[Story], incidents: list[Incident], figures: tuple[float, float, float, float]
) -> None:
    """Found by theme, subject and day; severe ones only by what is grave; information and support accuse nobody."""
    found = totals([Score(stories, incidents, 10, {})])

    assert tuple(found.values()) == figures
