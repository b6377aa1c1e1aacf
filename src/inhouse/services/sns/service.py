"""Amazon SNS. https://docs.aws.amazon.com/sns/latest/api/"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from inhouse.core.ports import ResourceFacts
from inhouse.services.sns import rows, signing
from inhouse.services.sns.jobs import Deliveries
from inhouse.services.sns.publishing import Publishing
from inhouse.services.sns.subscriptions import Subscriptions
from inhouse.services.sns.topics import Topics
from inhouse.wire.http import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from inhouse.core.ports import Tx


class SnsService(Topics, Subscriptions, Publishing, Deliveries):
    """Standard topics with subscribers by lambda, sqs, http and https.

    Deliveries happen at least once and in no promised order, as AWS's do.
    """

    name = "sns"

    async def stop(self) -> None:
        await self._poster.close()

    def resource(self, tx: Tx, arn: str) -> ResourceFacts | None:
        """A topic with its policy and tags, or a subscription, which belongs to who asked for it."""
        row = rows.topic(tx, arn)
        if row is not None:
            return ResourceFacts(row["account"], row["policy"], orjson.loads(row["tags"]))
        subscription = rows.subscription(tx, arn)
        return ResourceFacts(subscription["owner"]) if subscription is not None else None

    def routes(self) -> Mapping[str, Callable[[HttpRequest], HttpResponse]]:
        return {signing.ROUTE: self._certificate}

    def _certificate(self, request: HttpRequest) -> HttpResponse:
        """The certificate that SigningCertURL names."""
        if request.path != self._signer.certificate_path:
            return HttpResponse(
                404, [("content-type", "text/plain")], b"There is no such certificate.\n"
            )
        headers = [
            ("content-type", "application/x-pem-file"),
            ("cache-control", "public, max-age=86400"),
        ]
        return HttpResponse(200, headers, self._signer.certificate)
