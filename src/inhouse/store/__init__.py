"""Where everything durable lives: tables, the writer, blobs, migrations."""

from .blobs import BlobStore
from .metadata import metadata
from .store import Store, StoreInUse
from .writer import StoreUnavailable

__all__ = ["BlobStore", "Store", "StoreInUse", "StoreUnavailable", "metadata"]
