"""Where workers run."""

from inhouse.compute.exposure import check_unseen
from inhouse.compute.isolation import Isolation, isolation
from inhouse.compute.local import LocalWorkers
from inhouse.compute.pool import Full, Pool
from inhouse.compute.spec import WorkerSpec
from inhouse.compute.worker import Worker

__all__ = [
    "Full",
    "Isolation",
    "LocalWorkers",
    "Pool",
    "Worker",
    "WorkerSpec",
    "check_unseen",
    "isolation",
]
