"""The self-signed certificate that `--tls` makes at first use."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from botocore.httpsession import DEFAULT_CA_BUNDLE
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger()
DAYS = 825
NAMES = ("localhost", "*.localhost", "*.s3.localhost")
ADDRESSES = ("127.0.0.1", "::1")
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Inhouse")])


def certificate(folder: Path, host: str, domains: Sequence[str] = ()) -> tuple[Path, Path]:
    """Paths of certificate and private key in `folder`, made when they are not there yet.

    Point clients at the certificate (`AWS_CA_BUNDLE`, `verify=`). Names below `domains` are in it
    as well; one of ours that lacks a name, or has ended, is made anew in its place. The key stays,
    readable by the owner alone. What somebody else put there is served as it is.

    `authorities.pem` beside them is for workers, which talk to others as well: the certificate,
    and whom the system trusts.
    """
    cert_path, key_path = folder / "certificate.pem", folder / "private-key.pem"
    names = _names(host, domains)
    if not (cert_path.exists() and key_path.exists()):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(cert_path, _sign(_make_key(key_path), names))
    else:
        _renew(cert_path, key_path, names)
    trusted = Path(ssl.get_default_verify_paths().cafile or DEFAULT_CA_BUNDLE)
    authorities = cert_path.read_bytes() + trusted.read_bytes()
    (folder / "authorities.pem").write_bytes(authorities)
    return cert_path, key_path


def _renew(cert_path: Path, key_path: Path, names: Sequence[x509.GeneralName]) -> None:
    """The names it has stay in it, for a server that is started in several ways by turns."""
    try:
        found = x509.load_pem_x509_certificate(cert_path.read_bytes())
    except ValueError:  # OpenSSL, which serves it, takes more
        return
    if (found.subject, found.issuer) != (_NAME, _NAME):
        return
    old = list(found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    lacking = [name for name in names if name not in old]
    if not lacking and datetime.datetime.now(datetime.UTC) < found.not_valid_after_utc:
        return
    key = serialization.load_pem_private_key(key_path.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    _write(cert_path, _sign(key, [*old, *lacking]))
    log.warning(
        "certificate.remade",
        path=str(cert_path),
        added=[str(name.value) for name in lacking],
        remedy="give it to the clients that trust a copy of the old one",
    )


def _make_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return key


def _write(path: Path, made: x509.Certificate) -> None:
    """Clients read it at any time: whole, as it was or as it is."""
    scratch = path.with_suffix(".new")
    scratch.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    scratch.replace(path)


def _sign(key: ec.EllipticCurvePrivateKey, names: Sequence[x509.GeneralName]) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _names(host: str, domains: Sequence[str]) -> list[x509.GeneralName]:
    below = [name for domain in domains for name in (domain, f"*.{domain}")]
    names = [x509.DNSName(name) for name in dict.fromkeys((*NAMES, *below))]
    addresses = dict.fromkeys(ADDRESSES)
    try:
        addresses[str(ipaddress.ip_address(host))] = None
    except ValueError:
        if host not in (*NAMES, *below):
            names.append(x509.DNSName(host))
    return [*names, *(x509.IPAddress(ipaddress.ip_address(a)) for a in addresses)]
