"""Everything that happens later: the durable queue and its runner."""

from inhouse.work.queue import DurableQueue
from inhouse.work.runner import Bury, Retry, Runner

__all__ = ["Bury", "DurableQueue", "Retry", "Runner"]
