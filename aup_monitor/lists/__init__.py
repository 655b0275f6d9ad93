"""Category lists and keyword lists: catalogue, fetch, parse, index, look up."""

from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.held import STATUS_SCHEMA
from aup_monitor.lists.load import EXPLAIN_COLUMNS, Lists, catalogue_sources, load_lists
from aup_monitor.lists.record import DOWNLOADED

__all__ = [
    "DOWNLOADED",
    "EXPLAIN_COLUMNS",
    "PROTECTIVE",
    "STATUS_SCHEMA",
    "Lists",
    "catalogue_sources",
    "load_lists",
]
