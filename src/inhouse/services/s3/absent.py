"""Configurations that no bucket here can have: reading one tells so in S3's words.

What would set one is not implemented, unless it asks for what is so anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads
from inhouse.services.s3.authority import the_bucket
from inhouse.wire.malformed import malformed_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call

_REPLICATION = "s3:GetReplicationConfiguration"
_INVENTORY = "s3:GetInventoryConfiguration"
_METRICS = "s3:GetMetricsConfiguration"
_ANALYTICS = "s3:GetAnalyticsConfiguration"
_TIERING = "s3:GetIntelligentTieringConfiguration"


class Absent:
    """Websites, replication, logging, inventories and the like, of which there are none."""

    @reads("s3:GetBucketWebsite", the_bucket)
    def get_bucket_website(self, call: Call, req: Mapping[str, Any]) -> None:
        raise _none(
            req,
            "NoSuchWebsiteConfiguration",
            "The specified bucket does not have a website configuration",
        )

    @reads("s3:DeleteBucketWebsite", the_bucket)
    def delete_bucket_website(self, call: Call, req: Mapping[str, Any]) -> None:
        """There is none: it is deleted already."""

    @reads(_REPLICATION, the_bucket)
    def get_bucket_replication(self, call: Call, req: Mapping[str, Any]) -> None:
        raise _none(
            req,
            "ReplicationConfigurationNotFoundError",
            "The replication configuration was not found",
        )

    @reads("s3:PutReplicationConfiguration", the_bucket)
    def delete_bucket_replication(self, call: Call, req: Mapping[str, Any]) -> None:
        """There is none: it is deleted already."""

    @reads("s3:GetBucketRequestPayment", the_bucket)
    def get_bucket_request_payment(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {"Payer": "BucketOwner"}

    @reads("s3:PutBucketRequestPayment", the_bucket)
    def put_bucket_request_payment(self, call: Call, req: Mapping[str, Any]) -> None:
        """Takes BucketOwner: nobody else can pay."""
        payer = req["RequestPaymentConfiguration"].get("Payer")
        if payer == "Requester":
            raise _refused("Payer", "Inhouse sends no bills; the bucket's owner pays")
        if payer != "BucketOwner":
            raise malformed_xml("Payer is BucketOwner")

    @reads("s3:GetBucketLogging", the_bucket)
    def get_bucket_logging(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    @reads("s3:PutBucketLogging", the_bucket)
    def put_bucket_logging(self, call: Call, req: Mapping[str, Any]) -> None:
        """Takes what turns logging off, which it is."""
        if req["BucketLoggingStatus"].get("LoggingEnabled"):
            raise _refused(
                "LoggingEnabled", "the server's access log has every request, no bucket has"
            )

    @reads("s3:GetAccelerateConfiguration", the_bucket)
    def get_bucket_accelerate_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {}

    @reads(_INVENTORY, the_bucket)
    def list_bucket_inventory_configurations(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {"IsTruncated": False}

    @reads(_METRICS, the_bucket)
    def list_bucket_metrics_configurations(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {"IsTruncated": False}

    @reads(_ANALYTICS, the_bucket)
    def list_bucket_analytics_configurations(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {"IsTruncated": False}

    @reads(_TIERING, the_bucket)
    def list_bucket_intelligent_tiering_configurations(
        self, call: Call, req: Mapping[str, Any]
    ) -> dict[str, Any]:
        return {"IsTruncated": False}

    @reads(_INVENTORY, the_bucket)
    def get_bucket_inventory_configuration(self, call: Call, req: Mapping[str, Any]) -> None:
        raise _no_such(req)

    @reads(_METRICS, the_bucket)
    def get_bucket_metrics_configuration(self, call: Call, req: Mapping[str, Any]) -> None:
        raise _no_such(req)

    @reads(_ANALYTICS, the_bucket)
    def get_bucket_analytics_configuration(self, call: Call, req: Mapping[str, Any]) -> None:
        raise _no_such(req)

    @reads(_TIERING, the_bucket)
    def get_bucket_intelligent_tiering_configuration(
        self, call: Call, req: Mapping[str, Any]
    ) -> None:
        raise _no_such(req)


def _none(req: Mapping[str, Any], code: str, message: str) -> ServiceError:
    return ServiceError(code, message, status=404, BucketName=req["Bucket"])


def _no_such(req: Mapping[str, Any]) -> ServiceError:
    return _none(req, "NoSuchConfiguration", "The specified configuration does not exist.")


def _refused(name: str, reason: str) -> ServiceError:
    return ServiceError("NotImplemented", f"{name}: {reason}; leave it out.", status=501)
