"""Where everything durable lives: tables, the writer, blobs, migrations."""

from inhouse.store.blobs import BlobStore
from inhouse.store.metadata import metadata
from inhouse.store.store import Store, StoreInUse, is_abandoned
from inhouse.store.writer import StoreUnavailable

__all__ = ["BlobStore", "Store", "StoreInUse", "StoreUnavailable", "is_abandoned", "metadata"]
