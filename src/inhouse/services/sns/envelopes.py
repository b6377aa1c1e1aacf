"""The forms in which a message reaches its subscribers.

https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from inhouse.services.sns.signing import string_to_sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.services.sns.messages import Message
    from inhouse.services.sns.signing import Signer

API_VERSION = "2010-03-31"


class Envelopes:
    """Wraps and signs messages of the server at `endpoint`."""

    def __init__(self, signer: Signer, endpoint: str) -> None:
        self._signer = signer
        self._endpoint = endpoint

    def notification(
        self, message: Message, protocol: str, subscription: str, version: str
    ) -> dict[str, Any]:
        """What http, https and sqs subscribers get as JSON. `version` is the signature's."""
        envelope: dict[str, Any] = {
            "Type": "Notification",
            "MessageId": message.id,
            "TopicArn": message.topic,
            "Subject": message.subject,
            "Message": message.for_protocol(protocol),
            "Timestamp": message.timestamp,
        }
        if message.subject is None:
            del envelope["Subject"]
        envelope |= self._signature(envelope, version)
        envelope["UnsubscribeURL"] = self.unsubscribe_url(subscription)
        if message.attributes:
            envelope["MessageAttributes"] = values(message.attributes)
        return envelope

    def function_event(self, message: Message, subscription: str, version: str) -> dict[str, Any]:
        """The event a function is invoked with."""
        envelope = self.notification(message, "lambda", subscription, version)
        envelope.setdefault("Subject", None)
        envelope.setdefault("MessageAttributes", {})
        envelope["SigningCertUrl"] = envelope.pop("SigningCertURL")
        envelope["UnsubscribeUrl"] = envelope.pop("UnsubscribeURL")
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": envelope,
        }
        return {"Records": [record]}

    def confirmation(
        self, kind: str, topic: str, token: str, message_id: str, timestamp: str, version: str
    ) -> dict[str, Any]:
        """A `SubscriptionConfirmation`, or an `UnsubscribeConfirmation` after the end."""
        text = (
            f"Somebody asks to have the messages of {topic} sent here. Open SubscribeURL to agree."
            if kind == "SubscriptionConfirmation"
            else f"Messages of {topic} are no longer sent here. Open SubscribeURL to have them again."
        )
        envelope = {
            "Type": kind,
            "MessageId": message_id,
            "Token": token,
            "TopicArn": topic,
            "Message": text,
            "SubscribeURL": self._url("ConfirmSubscription", TopicArn=topic, Token=token),
            "Timestamp": timestamp,
        }
        return envelope | self._signature(envelope, version)

    def unsubscribe_url(self, subscription: str) -> str:
        return self._url("Unsubscribe", SubscriptionArn=subscription)

    def _signature(self, envelope: Mapping[str, Any], version: str) -> dict[str, str]:
        return {
            "SignatureVersion": version,
            "Signature": self._signer.sign(string_to_sign(envelope), version),
            "SigningCertURL": f"{self._endpoint}{self._signer.certificate_path}",
        }

    def _url(self, action: str, **fields: str) -> str:
        query = urlencode({"Action": action, "Version": API_VERSION, **fields}, safe=":")
        return f"{self._endpoint}/?{query}"


def values(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Message attributes as notifications show them: `{"Type": …, "Value": …}`."""
    return {
        name: {
            "Type": attribute["DataType"],
            "Value": base64.b64encode(attribute["BinaryValue"]).decode()
            if "BinaryValue" in attribute
            else attribute["StringValue"],
        }
        for name, attribute in attributes.items()
    }


def dump(envelope: Mapping[str, Any]) -> str:
    """JSON with a line for each member, as AWS sends it."""
    return orjson.dumps(envelope, option=orjson.OPT_INDENT_2).decode()
