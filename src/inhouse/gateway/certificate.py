"""The self-signed certificate that `--tls` makes at first use."""

from __future__ import annotations

import datetime
import ipaddress
import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.httpsession import DEFAULT_CA_BUNDLE
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

DAYS = 825
NAMES = ("localhost", "*.localhost", "*.s3.localhost")
ADDRESSES = ("127.0.0.1", "::1")


def certificate(folder: Path, host: str, domains: Sequence[str] = ()) -> tuple[Path, Path]:
    """Paths of certificate and private key in `folder`, made when they are not there yet.

    Point clients at the certificate (`AWS_CA_BUNDLE`, `verify=`). The key is readable by the
    owner alone. Names below `domains` are in it as well. `authorities.pem` beside them is for workers, which talk to others as well: the
    certificate, and whom the system trusts.
    """
    cert_path, key_path = folder / "certificate.pem", folder / "private-key.pem"
    if not (cert_path.exists() and key_path.exists()):
        _make(folder, cert_path, key_path, _names(host, domains))
    trusted = Path(ssl.get_default_verify_paths().cafile or DEFAULT_CA_BUNDLE)
    authorities = cert_path.read_bytes() + trusted.read_bytes()
    (folder / "authorities.pem").write_bytes(authorities)
    return cert_path, key_path


def _make(folder: Path, cert_path: Path, key_path: Path, names: Sequence[x509.GeneralName]) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    descriptor = os.open(key_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    cert_path.write_bytes(_sign(key, names).public_bytes(serialization.Encoding.PEM))


def _sign(key: ec.EllipticCurvePrivateKey, names: Sequence[x509.GeneralName]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Inhouse")])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
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
