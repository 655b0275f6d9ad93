"""Analysing: what is done again, what is not, and what people decided."""

from __future__ import annotations

from school import *


def test_x(school):
    for i in school.incidents():
        print(i.incident.model_dump_json(indent=1))
    print(school.trail())
    print((school.folder / "lake" / "analysed.json").read_text())
    print(school.analyse(), school.analyse(everything=True))
    assert 0
