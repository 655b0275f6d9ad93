"""The invented school that tests of this folder work with."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))
from school import empty_school, school, template

__all__ = ["empty_school", "school", "template"]
