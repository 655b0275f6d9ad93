"""The lake: Delta Lake tables of events, rejects, leases, readings and matches, partitioned by site and school day."""

from aup_monitor.lake.store import Batch, Lake

__all__ = ["Batch", "Lake"]
