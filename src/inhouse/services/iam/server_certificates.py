"""Server certificates: kept for who serves TLS, private keys never told again.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_server-certs.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives import serialization

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.iam import answers, names, resource_rows, resources, targets
from inhouse.services.iam.user_credentials import certificate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography import x509

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

KIND = "server-certificate"
CERTIFICATES = 20
_NEW = targets.of_new_resource(KIND, "ServerCertificateName")
_OF = targets.of_resource(KIND, "ServerCertificateName")


class ServerCertificates:
    """UploadServerCertificate and its kin."""

    @writes("iam:UploadServerCertificate", _NEW, keys=targets.tag_keys)
    def upload_server_certificate(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        name, body = req["ServerCertificateName"], req["CertificateBody"]
        read = certificate(body)
        if "CertificateChain" in req:
            certificate(req["CertificateChain"])
        _check_pair(read, req["PrivateKey"])
        if resource_rows.named(call.tx, call.account, KIND, name) is not None:
            raise _exists(name)
        if resource_rows.count(call.tx, call.account, KIND) >= CERTIFICATES:
            raise names.too_many("ServerCertificatesPerAccount", CERTIFICATES)
        row = resources.make(
            call,
            KIND,
            name,
            req,
            prefix="ASCA",
            body=body,
            chain=req.get("CertificateChain"),
            key=req["PrivateKey"],
            expires=read.not_valid_after_utc.timestamp(),
        )
        tags = {"Tags": resources.tags(row)} if req.get("Tags") else {}
        return {"ServerCertificateMetadata": _shown(row), **tags}

    @reads("iam:GetServerCertificate", _OF)
    def get_server_certificate(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        row = _found(call, req)
        facts = resource_rows.details(row)
        told = {
            "ServerCertificateMetadata": _shown(row),
            "CertificateBody": facts["body"],
            "Tags": resources.tags(row),
        }
        chain = {"CertificateChain": facts["chain"]} if facts["chain"] else {}
        return {"ServerCertificate": {**told, **chain}}

    @reads("iam:ListServerCertificates", targets.of_all(KIND))
    def list_server_certificates(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        found = resource_rows.of_kind(call.tx, call.account, KIND)
        return resources.listed(found, req, _shown, "ServerCertificateMetadataList")

    @writes("iam:UpdateServerCertificate", _OF)
    def update_server_certificate(self, call: Call, req: Mapping[str, Any]) -> None:
        row = _found(call, req)
        name = req.get("NewServerCertificateName", row["name"])
        other = resource_rows.named(call.tx, call.account, KIND, name)
        if other is not None and other["id"] != row["id"]:
            raise _exists(name)
        path = req.get("NewPath", row["path"])
        resource_rows.change(call.tx, row, name=name, lower=name.lower(), path=path)

    @writes("iam:DeleteServerCertificate", _OF)
    def delete_server_certificate(self, call: Call, req: Mapping[str, Any]) -> None:
        resource_rows.drop(call.tx, _found(call, req))

    @writes("iam:TagServerCertificate", _OF, keys=targets.tag_keys)
    def tag_server_certificate(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.tag(call, _found(call, req), req)

    @writes("iam:UntagServerCertificate", _OF, keys=targets.tag_keys)
    def untag_server_certificate(self, call: Call, req: Mapping[str, Any]) -> None:
        resources.untag(call, _found(call, req), req)

    @reads("iam:ListServerCertificateTags", _OF)
    def list_server_certificate_tags(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        return resources.list_tags(_found(call, req), req)


def _check_pair(read: x509.Certificate, text: str) -> None:
    """Raises MalformedCertificate or KeyPairMismatch for a key that is not the certificate's."""
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError):
        raise ServiceError(
            "MalformedCertificate", "The private key is not an unencrypted PEM key.", status=400
        ) from None
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != read.public_key().public_bytes(*form):
        raise ServiceError(
            "KeyPairMismatch", "The private key does not match the certificate.", status=400
        )


def _found(call: Call, req: Mapping[str, Any]) -> Row:
    name = req["ServerCertificateName"]
    row = resource_rows.named(call.tx, call.account, KIND, name)
    if row is None:
        raise names.not_found(f"The Server Certificate with name {name} cannot be found.")
    return row


def _exists(name: str) -> ServiceError:
    return names.exists(f"The Server Certificate with name {name} already exists.")


def _shown(row: Row) -> dict[str, Any]:
    return {
        "Path": row["path"],
        "ServerCertificateName": row["name"],
        "ServerCertificateId": row["id"],
        "Arn": resource_rows.arn(row),
        "UploadDate": answers.date(row["created"]),
        "Expiration": answers.date(resource_rows.details(row)["expires"]),
    }
