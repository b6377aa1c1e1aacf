"""The server's log: structlog on stderr, for people or as JSON lines."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from inhouse.core.settings import Settings

SECRET = ("secret", "token", "password", "authorization", "signature")


def configure(settings: Settings) -> None:
    """Sets structlog up, and sends what libraries log the same way."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s: %(message)s")
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # others print local variables
        )
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            structlog.processors.format_exc_info if settings.log_json else _same,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _without_secrets(_: Any, __: str, event: Any) -> Any:
    """A last net: a field whose name speaks of a secret is not printed."""
    for name in event:
        if any(word in name.lower() for word in SECRET):
            event[name] = "(hidden)"
    return event


def _same(_: Any, __: str, event: Any) -> Any:
    return event
