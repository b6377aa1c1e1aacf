"""IAM through boto3: SSH keys, certificates, SAML providers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.services.iam.asking import refused
from tests.serving import ACCOUNT

UNTIL = datetime(2040, 1, 1, tzinfo=UTC)
METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example" '
    'validUntil="2040-01-01T00:00:00Z"><!--' + "x" * 1000 + "--></EntityDescriptor>"
)


def pem(key: Any) -> str:
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, secret).decode()


def certificate(key: Any) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(UNTIL - timedelta(days=9000))
        .not_valid_after(UNTIL)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def keys() -> list[Any]:
    return [rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2)]


def ssh(key: Any) -> str:
    form = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, form).decode()


def test_ssh_keys(iam: Any, keys: list[Any], fresh_name: Callable[..., str]) -> None:
    user = {"UserName": fresh_name("ssh")}
    iam.create_user(**user)
    body = ssh(keys[0]) + " ann@desk"
    made = iam.upload_ssh_public_key(**user, SSHPublicKeyBody=body)["SSHPublicKey"]
    key = {**user, "SSHPublicKeyId": made["SSHPublicKeyId"]}
    assert made["SSHPublicKeyId"].startswith("APKA")
    assert len(made["Fingerprint"].split(":")) == 16
    with refused("DuplicateSSHPublicKey"):
        iam.upload_ssh_public_key(**user, SSHPublicKeyBody=body)
    for wrong in ("ssh-rsa AAAA", "no key", ssh(ec.generate_private_key(ec.SECP256R1()))):
        with refused("InvalidPublicKey"):
            iam.upload_ssh_public_key(**user, SSHPublicKeyBody=wrong)
    told = iam.get_ssh_public_key(**key, Encoding="PEM")["SSHPublicKey"]
    assert told["SSHPublicKeyBody"].startswith("-----BEGIN PUBLIC KEY-----")
    assert iam.get_ssh_public_key(**key, Encoding="SSH")["SSHPublicKey"] == {
        **told,
        "SSHPublicKeyBody": ssh(keys[0]),
    }
    iam.update_ssh_public_key(**key, Status="Inactive")
    (listed,) = iam.list_ssh_public_keys(**user)["SSHPublicKeys"]
    assert (listed["SSHPublicKeyId"], listed["Status"]) == (key["SSHPublicKeyId"], "Inactive")
    with refused("DeleteConflict"):
        iam.delete_user(**user)
    iam.delete_ssh_public_key(**key)
    with refused("NoSuchEntity", f"The Public Key with id {key['SSHPublicKeyId']} cannot be"):
        iam.delete_ssh_public_key(**key)


def test_signing_certificates(iam: Any, keys: list[Any], fresh_name: Callable[..., str]) -> None:
    user = {"UserName": fresh_name("sign")}
    iam.create_user(**user)
    with refused("MalformedCertificate", "Certificate no certificate is malformed."):
        iam.upload_signing_certificate(**user, CertificateBody="no certificate")
    bodies = [certificate(keys[0]), certificate(keys[1]), certificate(keys[1])]
    made = iam.upload_signing_certificate(**user, CertificateBody=bodies[0])["Certificate"]
    one = {**user, "CertificateId": made["CertificateId"]}
    assert (made["Status"], made["CertificateBody"]) == ("Active", bodies[0])
    with refused("DuplicateCertificate"):
        iam.upload_signing_certificate(**user, CertificateBody=bodies[0])
    iam.upload_signing_certificate(**user, CertificateBody=bodies[1])
    with refused("LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2"):
        iam.upload_signing_certificate(**user, CertificateBody=bodies[2])
    iam.update_signing_certificate(**one, Status="Inactive")
    listed = iam.list_signing_certificates(**user)["Certificates"]
    assert sorted(each["Status"] for each in listed) == ["Active", "Inactive"]
    with refused("DeleteConflict", "signing certificates"):
        iam.delete_user(**user)
    iam.delete_signing_certificate(**one)
    with refused("NoSuchEntity", f"The Certificate with id {made['CertificateId']} cannot be"):
        iam.update_signing_certificate(**one, Status="Active")


def test_server_certificates(iam: Any, keys: list[Any], fresh_name: Callable[..., str]) -> None:
    name = fresh_name("tls")
    body = certificate(keys[0])
    upload = {"ServerCertificateName": name, "CertificateBody": body, "PrivateKey": pem(keys[0])}
    with refused("KeyPairMismatch"):
        iam.upload_server_certificate(**{**upload, "PrivateKey": pem(keys[1])})
    for member in ("CertificateBody", "PrivateKey"):
        with refused("MalformedCertificate"):
            iam.upload_server_certificate(**{**upload, member: "x"})
    made = iam.upload_server_certificate(**upload, Path="/web/", CertificateChain=body)
    meta = made["ServerCertificateMetadata"]
    assert meta["Arn"] == f"arn:aws:iam::{ACCOUNT}:server-certificate/web/{name}"
    assert meta["Expiration"] == UNTIL
    with refused("EntityAlreadyExists", f"The Server Certificate with name {name} already exists."):
        iam.upload_server_certificate(**upload)
    shown = iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
    assert (shown["CertificateBody"], shown["CertificateChain"]) == (body, body)
    assert pem(keys[0])[40:80] not in str(shown)
    iam.tag_server_certificate(ServerCertificateName=name, Tags=[{"Key": "a", "Value": "b"}])
    tags = iam.list_server_certificate_tags(ServerCertificateName=name)["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
    iam.untag_server_certificate(ServerCertificateName=name, TagKeys=["a"])
    iam.update_server_certificate(
        ServerCertificateName=name, NewPath="/tls/", NewServerCertificateName=name + "2"
    )
    listed = iam.list_server_certificates(PathPrefix="/tls/")["ServerCertificateMetadataList"]
    assert name + "2" in [one["ServerCertificateName"] for one in listed]
    iam.delete_server_certificate(ServerCertificateName=name + "2")
    with refused("NoSuchEntity", f"The Server Certificate with name {name}2 cannot be found."):
        iam.get_server_certificate(ServerCertificateName=name + "2")


def test_saml_providers(iam: Any, fresh_name: Callable[..., str]) -> None:
    name = fresh_name("saml")
    request = {"Name": name, "SAMLMetadataDocument": METADATA}
    arn = iam.create_saml_provider(**request)["SAMLProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:saml-provider/{name}"
    with refused("EntityAlreadyExists"):
        iam.create_saml_provider(**request)
    shown = iam.get_saml_provider(SAMLProviderArn=arn)
    assert shown["SAMLMetadataDocument"] == METADATA
    assert shown["ValidUntil"] == UNTIL
    longer = METADATA.replace("2040", "2041")
    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=longer)
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "a", "Value": "b"}])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["a"])
    listed = iam.list_saml_providers()["SAMLProviderList"]
    (found,) = [one for one in listed if one["Arn"] == arn]
    assert found["ValidUntil"].year == 2041
    iam.delete_saml_provider(SAMLProviderArn=arn)
    with refused("NoSuchEntity", f"Manifest not found for arn {arn}"):
        iam.get_saml_provider(SAMLProviderArn=arn)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"SAMLMetadataDocument": "a" * 1024}, "not XML"),
        ({"SAMLMetadataDocument": f"<a><!--{'x' * 1000}--></a>"}, "EntityDescriptor"),
        ({"SAMLMetadataDocument": METADATA.replace("2040-", "soon-")}, "validUntil"),
        ({"AssertionEncryptionMode": "Required"}, "AssertionEncryptionMode"),
    ],
)
def test_bad_metadata_is_refused(
    iam: Any, fresh_name: Callable[..., str], change: Any, words: str
) -> None:
    with refused("InvalidInput", words):
        iam.create_saml_provider(
            **{"Name": fresh_name("bad"), "SAMLMetadataDocument": METADATA, **change}
        )
