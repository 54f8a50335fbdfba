"""Certificates and signed messages of offices that do not exist."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner

from fengsui.gateways.protocols import check
from fengsui.gateways.protocols.cap import write_cap

Office = tuple[ec.EllipticCurvePrivateKey, x509.Certificate]


def make_office(name: str) -> Office:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def pem(office: Office) -> bytes:
    return office[1].public_bytes(serialization.Encoding.PEM)


def signed_cap(message_12379: str, office: Office) -> bytes:
    """The same warning as a CAP 1.2 document signed by the office."""
    document = write_cap(check(message_12379.encode()).alerts[0])
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256, digest_algorithm=DigestAlgorithm.SHA256
    )
    signed = signer.sign(etree.fromstring(document), key=office[0], cert=[office[1]])
    return bytes(etree.tostring(signed))
