"""How an object is, or is to be, encrypted: what requests ask for, and what they are told.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from inhouse.core.errors import ServiceError
from inhouse.services.s3 import rows
from inhouse.services.s3.encryption.customer import AES256, KNOWN_BY, MEMBERS, SOURCE, CustomerKey
from inhouse.services.s3.encryption.segments import Segments
from inhouse.services.s3.names import object_arn
from inhouse.store.keyring import SEALED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Keys, Row

SSE = "ServerSideEncryption"
HEADERS = (SSE, "SSECustomerAlgorithm", KNOWN_BY)
"""The members of a row's headers that tell of its encryption."""
_HEADER = "x-amz-server-side-encryption"
_KMS = ("aws:kms", "aws:kms:dsse")
_OF_KMS = ("SSEKMSKeyId", "SSEKMSEncryptionContext")
_ASKED = frozenset((SSE, *_OF_KMS, *MEMBERS))
_DEFAULT = {SSE: AES256}
_CUSTOMER = frozenset((*MEMBERS, *(SOURCE + name for name in MEMBERS)))


class Mode(NamedTuple):
    """The encryption of something new. `headers` are for its row, `told` for the answer."""

    keys: Keys
    headers: Mapping[str, str]
    told: Mapping[str, str]

    def sealing(self, req: Mapping[str, Any]) -> Sealing:
        """Seals what a request writes to `Bucket` and `Key`."""
        return Sealing(self.keys, _context(req["Bucket"], req["Key"]))


class Sealing(NamedTuple):
    """The keys under which one object's data keys are sealed, and the object's name."""

    keys: Keys
    context: bytes
    plain: bool = False
    """Whether a row's bytes are as they came: it is older than encryption here."""

    def etag(self, md5: bytes) -> str:
        """That of bytes with this MD5, which tells nothing of what only a customer can read."""
        return (os.urandom(16) if isinstance(self.keys, CustomerKey) else md5).hex()

    def fresh(self) -> tuple[Segments, bytes]:
        """Seals under a new data key, which is also given sealed."""
        key, sealed = self.keys.fresh(self.context)
        return Segments(key), sealed

    def segments(self, sealed: bytes) -> Segments:
        """Raises store's Unopenable."""
        return Segments(self.keys.open(sealed, self.context))

    def sealed(self, data: bytes) -> bytes:
        """Bytes of one segment at most, behind their sealed data key."""
        segments, sealed = self.fresh()
        return sealed + segments.seal(data)

    def opened(self, whole: bytes) -> bytes:
        """What `sealed` was given. Raises store's Unopenable."""
        if self.plain:
            return whole
        return self.segments(whole[:SEALED]).open(memoryview(whole)[SEALED:])


def wanted(call: Call, req: Mapping[str, Any]) -> Mode:
    """The encryption a request to write asks for: all that is new is encrypted.

    Raises InvalidArgument, AccessDenied where the bucket blocks SSE-C, and NotImplemented for
    keys of KMS.
    """
    if _ASKED.isdisjoint(req):
        return Mode(call.house.keys, _DEFAULT, _DEFAULT)
    algorithm = req.get(SSE)
    if algorithm is not None and any(req.get(name) is not None for name in MEMBERS):
        raise _invalid(
            "Server Side Encryption with Customer provided key is incompatible with the "
            "encryption method specified",
            algorithm,
        )
    _check_algorithm(req, algorithm)
    customer = CustomerKey.of(req)
    if customer is None:
        return Mode(call.house.keys, _DEFAULT, _DEFAULT)
    refuse_blocked(call, req)
    headers = {"SSECustomerAlgorithm": AES256, KNOWN_BY: customer.known_by()}
    return Mode(customer, headers, customer.told)


def of_upload(call: Call, req: Mapping[str, Any], upload: Row) -> Mode:
    """The encryption of an upload's parts, which has to be the one it was begun with."""
    refuse_header(call)
    headers: dict[str, str] = {
        name: value for name, value in orjson.loads(upload["headers"]).items() if name in HEADERS
    }
    customer, known_by = CustomerKey.of(req), headers.get(KNOWN_BY)
    if (customer is None) != (known_by is None):
        raise ServiceError(
            "InvalidRequest",
            "The multipart upload initiate requested encryption. Subsequent part requests must "
            "include the appropriate encryption parameters."
            if customer is None
            else "The multipart upload was not begun with a customer's key: leave the "
            "x-amz-server-side-encryption-customer headers out.",
            status=400,
        )
    if customer is None or known_by is None:
        return Mode(call.house.keys, headers, _DEFAULT)
    refuse_blocked(call, req)
    if not customer.is_known_by(known_by):
        raise _unlike()
    return Mode(customer, headers, customer.told)


def check_completion(call: Call, req: Mapping[str, Any], upload: Row) -> None:
    """Raises unless a CompleteMultipartUpload has the key that the upload was begun with.

    It may leave the key out where no checksum was declared, as S3 has it.
    """
    refuse_header(call)
    known_by = orjson.loads(upload["headers"]).get(KNOWN_BY)
    customer = CustomerKey.of(req)
    if known_by is None and customer is None:
        return
    refuse_blocked(call, req)
    if customer is None and not upload["declared"]:
        return
    if customer is None:
        raise _invalid(
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "a valid encryption algorithm.",
            None,
        )
    if known_by is None or not customer.is_known_by(known_by):
        raise _unlike()


def refuse_blocked(call: Call, req: Mapping[str, Any]) -> None:
    """Raises AccessDenied where a bucket takes nothing under customers' keys."""
    text = rows.bucket(call.tx, req["Bucket"])["encryption"]
    if text is not None and orjson.loads(text)["blocked"]:
        raise ServiceError(
            "AccessDenied",
            f"User: {call.principal.arn} is not authorized to perform: s3:PutObject on resource: "
            f'"{object_arn(req["Bucket"], req["Key"])}" because this bucket has blocked upload '
            "requests that specify Server Side Encryption with Customer provided keys (SSE-C). "
            "Please specify a different server-side encryption type",
            status=403,
        )


def refuse_header(call: Call) -> None:
    """Reads and requests of an upload already begun ask for no encryption: S3 refuses the header.

    Raises InvalidArgument.
    """
    if _HEADER in call.origin.headers:
        raise _invalid(
            f"{_HEADER} header is not supported for this operation; leave it out.",
            call.origin.headers[_HEADER],
        )


def opening(
    call: Call, req: Mapping[str, Any], row: Row, headers: Mapping[str, Any], prefix: str = ""
) -> Sealing:
    """Opens a row's bytes, once the request has the keys. `headers` are the row's, read.

    Raises InvalidRequest for a customer's key that is missing or not needed, AccessDenied for a
    wrong one.
    """
    keys = _keys(call, req, headers, prefix)
    plain = SSE not in headers and KNOWN_BY not in headers
    return Sealing(keys, _context(row["bucket"], row["key"]), plain)


def tell(answer: dict[str, Any], sealing: Sealing) -> None:
    """Leaves of a row's headers, in an answer, what clients may know of its encryption."""
    if answer.pop(KNOWN_BY, None) is not None and isinstance(sealing.keys, CustomerKey):
        answer |= sealing.keys.told


def _context(bucket: str, key: str) -> bytes:
    return f"{bucket}/{key}".encode()


def _keys(call: Call, req: Mapping[str, Any], headers: Mapping[str, Any], prefix: str) -> Keys:
    known_by = headers.get(KNOWN_BY)
    if known_by is None and _CUSTOMER.isdisjoint(req):
        return call.house.keys
    customer = CustomerKey.of(req, prefix, reading=True)
    if known_by is None:
        if customer is not None:
            raise ServiceError(
                "InvalidRequest",
                "The encryption parameters are not applicable to this object.",
                status=400,
            )
        return call.house.keys
    if customer is None:
        raise ServiceError(
            "InvalidRequest",
            "The object was stored using a form of Server Side Encryption. The correct parameters "
            "must be provided to retrieve the object.",
            status=400,
        )
    if not customer.is_known_by(known_by):
        raise ServiceError(
            "AccessDenied",
            "Requests specifying Server Side Encryption with Customer provided keys must provide "
            "the correct secret key.",
            status=403,
        )
    return customer


def _unlike() -> ServiceError:
    return ServiceError(
        "InvalidRequest",
        "The provided encryption parameters did not match the ones used originally.",
        status=400,
    )


def _check_algorithm(req: Mapping[str, Any], algorithm: str | None) -> None:
    if algorithm in _KMS:
        raise ServiceError(
            "NotImplemented",
            f"ServerSideEncryption is {algorithm!r}: Inhouse has no KMS. Leave it out or say "
            "AES256, which encrypts under this server's key file, or bring a key of your own "
            "(SSECustomerKey).",
            status=501,
            Header=_HEADER,
        )
    if algorithm not in (None, AES256):
        raise _invalid(
            "The encryption method specified is not supported", algorithm[:40], f"It is {AES256}."
        )
    given = next((name for name in _OF_KMS if req.get(name) is not None), None)
    if given is not None:
        raise _invalid(
            "Server Side Encryption with AWS KMS managed key requires HTTP header "
            f"x-amz-server-side-encryption : aws:kms. {given} is for that alone, and Inhouse has "
            "no KMS; leave it out.",
            algorithm,
        )


def _invalid(message: str, value: str | None, detail: str | None = None) -> ServiceError:
    return ServiceError(
        "InvalidArgument",
        message,
        status=400,
        ArgumentName=_HEADER,
        ArgumentValue=str(value),
        Detail=detail,
    )
