"""The certificate of `--tls`: made, made anew, and left alone when it is somebody else's."""

from __future__ import annotations

import datetime
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from inhouse.gateway import certificate as module
from inhouse.gateway.certificate import certificate

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.serving import RunningServer


def names(path: Path) -> set[str]:
    found = x509.load_pem_x509_certificate(path.read_bytes())
    extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in extension.value}


def greet(server: RunningServer, name: str) -> None:
    """Raises SSLCertVerificationError when the server cannot be `name`."""
    address = urlsplit(server.endpoint)
    trust = ssl.create_default_context(cafile=server.certificate)
    with socket.create_connection((address.hostname, address.port)) as plain:
        trust.wrap_socket(plain, server_hostname=name).close()


def test_a_new_domain_is_in_the_certificate_of_an_old_data_directory(
    durable_server: Callable[..., RunningServer],
) -> None:
    first = durable_server("--tls")
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(first, "s3.aws.example")
    first.stop()
    second = durable_server("--tls", INHOUSE_DOMAINS="aws.example")
    greet(second, "s3.aws.example")
    greet(second, "localhost")
    assert '"certificate.remade"' in second.log
    assert second.client("sts").get_caller_identity()["Account"]
    authorities = (second.data / "tls" / "authorities.pem").read_bytes()
    assert authorities.startswith(Path(second.certificate).read_bytes())


def test_one_that_has_the_names_stays(tmp_path: Path) -> None:
    path, key = certificate(tmp_path, "127.0.0.1", ["aws.example"])
    made = path.read_bytes(), key.read_bytes()
    for domains in (["aws.example"], []):
        certificate(tmp_path, "127.0.0.1", domains)
        assert (path.read_bytes(), key.read_bytes()) == made


def test_one_made_anew_keeps_its_key_and_names(tmp_path: Path) -> None:
    path, key = certificate(tmp_path, "127.0.0.1", ["aws.example"])
    secret, before = key.read_bytes(), names(path)
    certificate(tmp_path, "192.0.2.7", ["other.example"])
    assert names(path) == before | {"192.0.2.7", "other.example", "*.other.example"}
    assert key.read_bytes() == secret


def test_one_that_has_ended_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DAYS", 0)
    path, _ = certificate(tmp_path, "127.0.0.1")
    monkeypatch.undo()
    certificate(tmp_path, "127.0.0.1")
    found = x509.load_pem_x509_certificate(path.read_bytes())
    assert found.not_valid_after_utc > datetime.datetime.now(datetime.UTC)


def test_one_of_somebody_else_is_served_as_it_is(
    durable_server: Callable[..., RunningServer], tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "tls"
    folder.mkdir(parents=True)
    key = rsa.generate_private_key(65_537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aws.example")])
    now = datetime.datetime.now(datetime.UTC)
    own = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("only.aws.example")]), critical=False
        )
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    (folder / "certificate.pem").write_bytes(own)
    (folder / "private-key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    server = durable_server("--tls", INHOUSE_DOMAINS="aws.example")
    greet(server, "only.aws.example")
    assert (folder / "certificate.pem").read_bytes() == own
    assert '"certificate.remade"' not in server.log
