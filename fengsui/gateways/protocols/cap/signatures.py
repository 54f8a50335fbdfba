"""Enveloped XML signatures (XMLDSig) of a CAP alert, against certificates we were given.

What counts as signed is the whole alert element and nothing else: one reference, URI "", no
transform but "enveloped" and canonicalisation. Certificates must be valid when the alert was
sent; no clock is read. SHA-1 is not accepted as proof.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from lxml import etree
from signxml.exceptions import InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from fengsui.gateways.warnings import Signature

DSIG = "http://www.w3.org/2000/09/xmldsig#"
CERTIFICATES_MAX = 8
_ALLOWED_TRANSFORMS = {
    f"{DSIG}enveloped-signature",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
}
_FAILURES = (SignXMLException, InvalidSignature, ValueError, TypeError, etree.LxmlError)


def load_anchors(pems: Iterable[str | bytes]) -> tuple[x509.Certificate, ...]:
    """Trust anchors from PEM text. Raises ValueError on something that is no certificate."""
    anchors: list[x509.Certificate] = []
    for pem in pems:
        data = pem.encode() if isinstance(pem, str) else pem
        anchors.extend(x509.load_pem_x509_certificates(data))
    return tuple(anchors)


def check_signature(
    alert: etree._Element, anchors: tuple[x509.Certificate, ...], sent_at: datetime
) -> Signature:
    """`alert` must be the root of its own document."""
    found = alert.findall(f"{{{DSIG}}}Signature")
    if not found:
        return Signature()
    if len(found) > 1:
        return Signature(True, state="untrusted", detail="more than one signature")
    if not _covers_whole_alert(found[0]):
        return Signature(True, state="untrusted", detail="does not sign the whole alert")
    embedded = _embedded_certificates(found[0])
    for anchor in anchors:
        for certificate in _vouched_for(anchor, embedded, sent_at):
            fault = _fault(alert, certificate, sent_at)
            if fault is None:
                return Signature(True, True, _name_of(certificate), "valid")
            if isinstance(fault, InvalidDigest):
                return Signature(True, False, _name_of(certificate), "broken", "content altered")
    # Nobody here vouches for the signer; whether the content still fits is worth knowing anyway.
    if embedded:
        fault = _fault(alert, embedded[0], sent_at)
        if isinstance(fault, InvalidDigest | InvalidSignature) and not _is_about_time(fault):
            return Signature(True, False, _name_of(embedded[0]), "broken", "content altered")
        detail = "signer not among the trust anchors" if fault is None else "cannot be verified"
        return Signature(True, False, _name_of(embedded[0]), "untrusted", detail)
    return Signature(True, False, "", "untrusted", "no certificate of the signer")


def _covers_whole_alert(signature: etree._Element) -> bool:
    references = signature.findall(f"{{{DSIG}}}SignedInfo/{{{DSIG}}}Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        return False
    algorithms = {
        transform.get("Algorithm") for transform in references[0].iter(f"{{{DSIG}}}Transform")
    }
    return algorithms <= _ALLOWED_TRANSFORMS


def _embedded_certificates(signature: etree._Element) -> list[x509.Certificate]:
    certificates = []
    for element in list(signature.iter(f"{{{DSIG}}}X509Certificate"))[:CERTIFICATES_MAX]:
        try:
            body = base64.b64decode("".join((element.text or "").split()), validate=True)
            certificates.append(x509.load_der_x509_certificate(body))
        except (binascii.Error, ValueError):
            continue
    return certificates


def _vouched_for(
    anchor: x509.Certificate, embedded: list[x509.Certificate], sent_at: datetime
) -> list[x509.Certificate]:
    """The anchor itself, and an embedded certificate that the anchor issued directly."""
    vouched = [anchor]
    if not _is_authority(anchor) or not _is_valid_at(anchor, sent_at):
        return vouched
    for certificate in embedded:
        try:
            certificate.verify_directly_issued_by(anchor)
        except (ValueError, TypeError, InvalidSignature):
            continue
        vouched.append(certificate)
    return vouched


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _is_valid_at(certificate: x509.Certificate, moment: datetime) -> bool:
    return certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc


def _is_about_time(fault: Exception) -> bool:
    return "valid" in str(fault) and "time" in str(fault)


def _fault(
    alert: etree._Element, certificate: x509.Certificate, sent_at: datetime
) -> Exception | None:
    """None when this certificate signed exactly this alert.

    Some signers strip the blanks between elements before signing and send the indented text, so
    a digest that does not fit is tried once more without blanks: no value can differ by that.
    """
    if not _is_valid_at(certificate, sent_at):
        return ValueError("certificate not valid at the time of sending")
    fault = _fault_of(alert, certificate, sent_at)
    if isinstance(fault, InvalidDigest):
        parser = etree.XMLParser(
            remove_blank_text=True, resolve_entities=False, no_network=True, load_dtd=False
        )
        again = _fault_of(etree.fromstring(etree.tostring(alert), parser), certificate, sent_at)
        return None if again is None else fault
    return fault


def _fault_of(
    alert: etree._Element, certificate: x509.Certificate, sent_at: datetime
) -> Exception | None:
    config = SignatureConfiguration(location="./", verification_time=sent_at)
    try:
        XMLVerifier().verify(alert, x509_cert=certificate, expect_config=config)
    except _FAILURES as fault:
        return fault
    return None


def _name_of(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()
