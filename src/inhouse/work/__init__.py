"""Everything that happens later: the durable queue and its runner."""

from .queue import DurableQueue
from .runner import Bury, Retry, Runner

__all__ = ["Bury", "DurableQueue", "Retry", "Runner"]
