"""Category lists and keyword lists: catalogue, parse, index, look up."""

from aup_monitor.lists.catalogue import PROTECTIVE
from aup_monitor.lists.held import STATUS_SCHEMA
from aup_monitor.lists.load import EXPLAIN_COLUMNS, Lists, load_lists

__all__ = ["EXPLAIN_COLUMNS", "PROTECTIVE", "STATUS_SCHEMA", "Lists", "load_lists"]
