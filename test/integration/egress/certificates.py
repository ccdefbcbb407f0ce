"""Throw-away CAs and an origin certificate for the egress tests, written into the directory given as argument."""

import datetime
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.timezone.utc)
HOSTS = ["api.test", "docs.test", "ws.test", "key.test", "basic.test", "xn--bcher-kva.test", "socket.test", "two.test", "few.test"]


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def sec1(key):
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def build(subject, issuer, key, signer, extensions):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(hours=1))
        .not_valid_after(NOW + datetime.timedelta(days=2))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(signer, hashes.SHA256())


def authority(subject):
    key = ec.generate_private_key(ec.SECP256R1())
    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
    certificate = build(subject, subject, key, key, [(x509.BasicConstraints(True, None), True), (usage, True)])
    return key, certificate


def main(directory):
    egress_key, egress = authority("egress test CA")
    (directory / "mitmproxy-ca.pem").write_bytes(sec1(egress_key) + pem(egress))
    (directory / "egress-ca.pem").write_bytes(pem(egress))
    upstream_key, upstream = authority("upstream test CA")
    (directory / "pipelock-ca.pem").write_bytes(pem(upstream))
    (directory / "pipelock-ca-key.pem").write_bytes(sec1(upstream_key))
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = build("origin", "upstream test CA", key, upstream_key, [(names, False), (usage, False)])
    (directory / "origin.pem").write_bytes(sec1(key) + pem(leaf))


main(Path(sys.argv[1]))
