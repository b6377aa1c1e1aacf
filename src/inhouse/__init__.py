"""Inhouse runs AWS's managed AI services on your own machines, for real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

__version__ = "0.1.0"
__all__ = ["__version__", "session"]


def session(*args: Any, **kwargs: Any) -> boto3.Session:
    """A boto3 session for a server on this machine; see `inhouse.local_session.session`."""
    from inhouse.local_session import session as make

    return make(*args, **kwargs)
