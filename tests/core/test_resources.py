"""What ships beside the code."""

from __future__ import annotations

import pytest

from aup_monitor.core.resources import resource


@pytest.mark.parametrize(
    "parts", [("rules", "sigma"), ("reports", "templates"), ("sample_logs", "SOURCES.yml")]
)
def test_what_ships_is_found(parts: tuple[str, ...]) -> None:
    """Rules, templates and samples are there."""
    assert resource(*parts).exists()


def test_a_damaged_installation_says_so() -> None:
    """What is not there is named, with the remedy."""
    with pytest.raises(
        FileNotFoundError, match="rules/nowhere is not in this installation; install aup-monitor again"
    ):
        resource("rules", "nowhere")
