"""Where everything durable lives: tables, the writer, blobs, keys, migrations."""

from inhouse.store.blobs import BlobStore
from inhouse.store.keyring import Keyring, Unopenable, Wrap
from inhouse.store.metadata import metadata
from inhouse.store.store import Store, StoreInUse, is_abandoned
from inhouse.store.writer import StoreUnavailable

__all__ = [
    "BlobStore",
    "Keyring",
    "Store",
    "StoreInUse",
    "StoreUnavailable",
    "Unopenable",
    "Wrap",
    "is_abandoned",
    "metadata",
]
