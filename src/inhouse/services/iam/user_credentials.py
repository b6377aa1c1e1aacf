"""What users sign with beside access keys: SSH public keys and signing certificates.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_ssh-keys.html
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from inhouse.core.errors import ServiceError
from inhouse.core.operations import reads, writes
from inhouse.services.iam import answers, entities, names, pages, resource_rows, targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inhouse.core.call import Call
    from inhouse.core.ports import Row

SSH, SIGNING = "ssh-public-key", "signing-certificate"
SSH_KEYS, CERTIFICATES = 5, 2
"""What a user may have of each."""


class UserCredentials:
    """UploadSSHPublicKey and its kin, UploadSigningCertificate and its."""

    @writes("iam:UploadSSHPublicKey", targets.of_user)
    def upload_ssh_public_key(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.named(call, "user", req)
        body = _ssh_key(req["SSHPublicKeyBody"])
        kept = resource_rows.owned(call.tx, user["id"], SSH)
        if any(resource_rows.details(one)["body"].split()[1] == body.split()[1] for one in kept):
            raise ServiceError(
                "DuplicateSSHPublicKey",
                f"The public key is already associated with user {user['name']}.",
                status=400,
            )
        if len(kept) >= SSH_KEYS:
            raise names.too_many("SSHPublicKeysPerUser", SSH_KEYS)
        row = _add(call, user, SSH, call.house.ids.unique("APKA"), body)
        return {"SSHPublicKey": _ssh_shown(user, row, body)}

    @reads("iam:GetSSHPublicKey", targets.of_user)
    def get_ssh_public_key(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.named(call, "user", req)
        row = _ssh(call, user, req)
        body = resource_rows.details(row)["body"]
        return {
            "SSHPublicKey": _ssh_shown(user, row, _pem(body) if req["Encoding"] == "PEM" else body)
        }

    @reads("iam:ListSSHPublicKeys", targets.of_self_or_user)
    def list_ssh_public_keys(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.find(call, "user", targets.user_name(call, req))
        page, more = _page(call, user, SSH, req)
        return {"SSHPublicKeys": [_shown(user, row, "SSHPublicKeyId") for row in page], **more}

    @writes("iam:UpdateSSHPublicKey", targets.of_user)
    def update_ssh_public_key(self, call: Call, req: Mapping[str, Any]) -> None:
        row = _ssh(call, entities.named(call, "user", req), req)
        resource_rows.change(call.tx, row, details={"status": req["Status"]})

    @writes("iam:DeleteSSHPublicKey", targets.of_user)
    def delete_ssh_public_key(self, call: Call, req: Mapping[str, Any]) -> None:
        resource_rows.drop(call.tx, _ssh(call, entities.named(call, "user", req), req))

    @writes("iam:UploadSigningCertificate", targets.of_self_or_user)
    def upload_signing_certificate(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.find(call, "user", targets.user_name(call, req))
        body = req["CertificateBody"]
        certificate(body)
        kept = resource_rows.owned(call.tx, user["id"], SIGNING)
        if any(resource_rows.details(one)["body"] == body for one in kept):
            raise ServiceError(
                "DuplicateCertificate",
                f"The certificate is already associated with user {user['name']}.",
                status=409,
            )
        if len(kept) >= CERTIFICATES:
            raise names.too_many("CertificatesPerUser", CERTIFICATES)
        unique = call.house.ids.unique
        row = _add(call, user, SIGNING, unique(unique("")), body)
        return {"Certificate": _certificate_shown(user, row)}

    @reads("iam:ListSigningCertificates", targets.of_self_or_user)
    def list_signing_certificates(self, call: Call, req: Mapping[str, Any]) -> dict[str, Any]:
        user = entities.find(call, "user", targets.user_name(call, req))
        page, more = _page(call, user, SIGNING, req)
        return {"Certificates": [_certificate_shown(user, row) for row in page], **more}

    @writes("iam:UpdateSigningCertificate", targets.of_self_or_user)
    def update_signing_certificate(self, call: Call, req: Mapping[str, Any]) -> None:
        row = _signing(call, req)
        resource_rows.change(call.tx, row, details={"status": req["Status"]})

    @writes("iam:DeleteSigningCertificate", targets.of_self_or_user)
    def delete_signing_certificate(self, call: Call, req: Mapping[str, Any]) -> None:
        resource_rows.drop(call.tx, _signing(call, req))


def certificate(body: str) -> x509.Certificate:
    """The X.509 certificate in PEM text. Raises MalformedCertificate."""
    try:
        return x509.load_pem_x509_certificate(body.encode())
    except ValueError:
        raise ServiceError(
            "MalformedCertificate", f"Certificate {body[:2000]} is malformed.", status=400
        ) from None


def _ssh_key(text: str) -> str:
    """An RSA key in OpenSSH's form, whichever form it came in. Raises InvalidPublicKey."""
    data = text.strip().encode()
    load = (
        serialization.load_ssh_public_key
        if data.startswith(b"ssh-")
        else serialization.load_pem_public_key
    )
    try:
        key = load(data)
    except (ValueError, TypeError, UnicodeError):
        raise _bad_key("it is neither in ssh-rsa nor in PEM encoding") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise _bad_key("use an RSA key of at least 2048 bits")
    form = serialization.PublicFormat.OpenSSH
    return key.public_bytes(serialization.Encoding.OpenSSH, form).decode()


def _bad_key(reason: str) -> ServiceError:
    return ServiceError("InvalidPublicKey", f"The public key is invalid: {reason}.", status=400)


def _pem(body: str) -> str:
    key = serialization.load_ssh_public_key(body.encode())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def _fingerprint(body: str) -> str:
    """MD5 of the key in colons, as ssh-keygen -E md5 tells it."""
    digest = hashlib.md5(base64.b64decode(body.split()[1]), usedforsecurity=False).hexdigest()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def _add(call: Call, user: Row, kind: str, name: str, body: str) -> Row:
    resource_rows.add(
        call.tx,
        id=name,
        account=call.account,
        kind=kind,
        name=name,
        path="/",
        created=call.house.clock.time(),
        owner=user["id"],
        tags={},
        details={"body": body, "status": "Active"},
    )
    return resource_rows.named(call.tx, call.account, kind, name)


def _owned(call: Call, user: Row, kind: str, name: str) -> Row | None:
    row = resource_rows.named(call.tx, call.account, kind, name)
    return row if row is not None and row["owner"] == user["id"] else None


def _ssh(call: Call, user: Row, req: Mapping[str, Any]) -> Row:
    row = _owned(call, user, SSH, req["SSHPublicKeyId"])
    if row is None:
        raise names.not_found(f"The Public Key with id {req['SSHPublicKeyId']} cannot be found.")
    return row


def _signing(call: Call, req: Mapping[str, Any]) -> Row:
    user = entities.find(call, "user", targets.user_name(call, req))
    row = _owned(call, user, SIGNING, req["CertificateId"])
    if row is None:
        raise names.not_found(f"The Certificate with id {req['CertificateId']} cannot be found.")
    return row


def _page(
    call: Call, user: Row, kind: str, req: Mapping[str, Any]
) -> tuple[list[Row], dict[str, Any]]:
    found = sorted(resource_rows.owned(call.tx, user["id"], kind), key=entities.by_name)
    page, more = pages.page(found, req, entities.by_name)
    return list(page), more


def _shown(user: Row, row: Row, member: str) -> dict[str, Any]:
    return {
        "UserName": user["name"],
        member: row["name"],
        "Status": resource_rows.details(row)["status"],
        "UploadDate": answers.date(row["created"]),
    }


def _ssh_shown(user: Row, row: Row, body: str) -> dict[str, Any]:
    known = resource_rows.details(row)["body"]
    shown = _shown(user, row, "SSHPublicKeyId")
    return {**shown, "Fingerprint": _fingerprint(known), "SSHPublicKeyBody": body}


def _certificate_shown(user: Row, row: Row) -> dict[str, Any]:
    body = resource_rows.details(row)["body"]
    return {**_shown(user, row, "CertificateId"), "CertificateBody": body}
