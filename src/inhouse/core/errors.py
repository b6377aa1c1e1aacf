"""The one exception that becomes an AWS error answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ServiceError(Exception):
    """An error a client is meant to see.

    `code` is the code of botocore's model for the service. `status` defaults to the status that
    the model gives the code, else 400. `fields` become members of the error body
    (`BucketName=…` in S3's XML, modelled members in JSON).
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})
        self.fields = fields

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class SettingError(Exception):
    """A setting the server cannot start with; its text names the setting and what would be right."""


def not_implemented(service: str, operation: str) -> ServiceError:
    """The honest answer for an operation nobody has built."""
    return ServiceError(
        "NotImplemented",
        f"Inhouse does not implement {service}:{operation}. "
        "docs/reference/operations.md lists what it does.",
        status=501,
    )
