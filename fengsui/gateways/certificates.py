"""The county's certificate authority: X.509 certificates (RFC 5280) for boxes on a LAN. Pure.

The root may certify only the county's own domain and private addresses (name constraints, RFC 5280
§4.2.1.10): a phone that trusts it trusts it for nothing else. Lifetimes keep to what browsers take
(398 days for a server: CA/Browser Forum Baseline Requirements §6.3.2; Apple asks for the same of
private roots up to 825 days).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_LIFE = timedelta(days=3653)
SERVER_LIFE = timedelta(days=397)
# A village box's clock may be behind: a certificate of today must not seem to be of tomorrow.
BACKDATED = timedelta(days=2)
# RFC 1918, RFC 3927, RFC 4193, RFC 4291 and the loopback range.
PRIVATE_NETWORKS = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
)
PRIVATE_SUFFIXES = ("lan", "local", "internal", "home.arpa", "localhost")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class NotPermittedError(ValueError):
    """A name that this authority may not certify."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Authority:
    """The county's root: its certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class Issued:
    """A box's certificate chain and key, as PEM."""

    chain_pem: bytes
    key_pem: bytes
    not_after: datetime


def make_authority(county: str, domains: Sequence[str], now: datetime) -> Authority:
    """A root for `county` (its name) that may certify `domains` and private names only."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, county),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{county} 应急 LAN Root {now:%Y}"),
        ]
    )
    permitted: list[x509.GeneralName] = [
        x509.DNSName(domain) for domain in (*domains, *PRIVATE_SUFFIXES)
    ]
    permitted += [x509.IPAddress(ip_network(network)) for network in PRIVATE_NETWORKS]
    usage = _usage(key_cert_sign=True, crl_sign=True)
    builder = _builder(name, name, key.public_key(), now, ROOT_LIFE)
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(certificate, key)


def issue(
    authority: Authority, names: Sequence[str], now: datetime, life: timedelta = SERVER_LIFE
) -> Issued:
    """A certificate for a box under these DNS names and addresses. Raises NotPermittedError."""
    for name in names:
        if not is_permitted(authority.certificate, name):
            raise NotPermittedError(name)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    root = authority.certificate
    builder = _builder(subject, root.subject, key.public_key(), now, life)
    identifier = root.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier),
            critical=False,
        )
        .sign(authority.key, hashes.SHA256())
    )
    return Issued(pem(certificate) + pem(root), key_pem(key), certificate.not_valid_after_utc)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now - BACKDATED + life)
    )


def _usage(
    *, digital_signature: bool = False, key_cert_sign: bool = False, crl_sign: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _address(name: str) -> Address | None:
    try:
        return ip_address(name)
    except ValueError:
        return None


def _general_name(name: str) -> x509.GeneralName:
    address = _address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def is_permitted(root: x509.Certificate, name: str) -> bool:
    """Whether the root's constraints let it certify this DNS name or address."""
    permitted = root.extensions.get_extension_for_class(x509.NameConstraints).value
    subtrees = permitted.permitted_subtrees or []
    address = _address(name)
    if address is not None:
        networks = [one.value for one in subtrees if isinstance(one, x509.IPAddress)]
        return any(_is_in(address, network) for network in networks)
    domains = [one.value for one in subtrees if isinstance(one, x509.DNSName)]
    return any(name == domain or name.endswith(f".{domain}") for domain in domains)


def _is_in(address: Address, network: object) -> bool:
    if not isinstance(network, IPv4Network | IPv6Network):
        return False
    return network.version == address.version and address in network


def is_private(name: str) -> bool:
    """Whether a host name or address means something on a LAN only (then there is no HSTS)."""
    address = _address(name.strip("[]"))
    if address is not None:
        return True
    return "." not in name or name.endswith(tuple(f".{one}" for one in PRIVATE_SUFFIXES))


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def read_authority(certificate_pem: bytes, private_pem: bytes) -> Authority:
    """Raises ValueError where these are no certificate and key of an authority."""
    key = serialization.load_pem_private_key(private_pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("the key is not of the kind this program makes")
    return Authority(x509.load_pem_x509_certificate(certificate_pem), key)


def names_of(certificate: x509.Certificate) -> list[str]:
    """The DNS names and addresses of a box's certificate."""
    found: Iterable[x509.GeneralName] = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    return [str(one.value) for one in found]


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 in groups of four, as a person reads it out over the telephone."""
    digits = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def fits(chain_pem: bytes, private_pem: bytes) -> x509.Certificate:
    """The first certificate of a chain, if the key is its own. Raises ValueError."""
    certificate = x509.load_pem_x509_certificates(chain_pem)[0]
    key = serialization.load_pem_private_key(private_pem, None)
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise ValueError("the key does not belong to the certificate")
    return certificate
