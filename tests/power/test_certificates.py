"""The county's certificates: what they stand for, how a box gets one, what is said at the end."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fengsui.config import tls
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY, node_viewer
from fengsui.foundation.journal import ledger
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.machine import rules, services
from fengsui.foundation.nodes import queries as nodes
from fengsui.gateways import certificates

TODAY = datetime(2026, 7, 17, tzinfo=UTC)
NAMES = ("village-box.lan", "192.168.8.1", "node-101201.shiyi.example")


@pytest.fixture(scope="module")
def authority() -> certificates.Authority:
    return certificates.make_authority("示意县", ["shiyi.example"], TODAY)


def test_a_box_is_certified_for_its_names(authority: certificates.Authority) -> None:
    issued = certificates.issue(authority, NAMES, TODAY)
    own, root = x509.load_pem_x509_certificates(issued.chain_pem)
    own.verify_directly_issued_by(root)
    assert certificates.names_of(own) == list(NAMES)
    assert timedelta(days=390) < own.not_valid_after_utc - TODAY < timedelta(days=398)
    assert own.not_valid_before_utc < TODAY, "a clock that is a day behind takes it too"
    key_bytes = issued.key_pem
    assert certificates.fits(issued.chain_pem, key_bytes) == own
    another = certificates.issue(authority, NAMES, TODAY)
    with pytest.raises(ValueError, match="does not belong"):
        certificates.fits(issued.chain_pem, another.key_pem)


@pytest.mark.parametrize("name", ["bank.example", "8.8.8.8", "shiyi.example.com", "lan"])
def test_the_root_speaks_for_the_county_and_its_lans_only(
    authority: certificates.Authority, name: str
) -> None:
    if name == "lan":
        assert certificates.is_permitted(authority.certificate, name)
        return
    with pytest.raises(certificates.NotPermittedError):
        certificates.issue(authority, [name], TODAY)
    constraints = authority.certificate.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical, "phones must keep to it, whatever a thief of the key signs"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("village-box.lan", True), ("box", True), ("10.0.0.1", True), ("node.shiyi.example", False)],
)
def test_names_that_mean_something_on_a_lan_only(name: str, expected: bool) -> None:
    assert certificates.is_private(name) is expected


def test_a_pair_that_does_not_fit_is_not_installed(
    tmp_path: Path, authority: certificates.Authority
) -> None:
    one = certificates.issue(authority, NAMES, TODAY)
    other = certificates.issue(authority, NAMES, TODAY)
    tls.install(tmp_path, one.chain_pem, one.key_pem)
    with pytest.raises(ValueError, match="does not belong"):
        tls.install(tmp_path, one.chain_pem, other.key_pem)
    assert (tmp_path / "tls" / tls.KEY).read_bytes() == one.key_pem
    assert (tmp_path / "tls" / tls.KEY).stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "tls" / tls.CHAIN, tmp_path / "tls" / tls.KEY)


def test_the_end_of_a_certificate_is_said_before_and_after() -> None:
    assert rules.of_certificate(TODAY + timedelta(days=60), TODAY) is None
    soon = rules.of_certificate(TODAY + timedelta(days=5, hours=1), TODAY)
    assert soon is not None
    assert (soon.code, "还剩 5 天" in soon.zh) == ("certificate_soon", True)
    over = rules.of_certificate(TODAY - timedelta(hours=1), TODAY)
    assert over is not None
    assert (over.code, over.level) == ("certificate_expired", "bad")


def test_a_certificate_travels_as_a_fact_and_only_its_box_can_read_the_key(
    node: Any, authority: certificates.Authority, settings: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    settings.HOME = tmp_path
    issued = certificates.issue(authority, NAMES, TODAY)
    box, thief = NodeKey.fresh(), NodeKey.fresh()
    with pytest.raises(Problem, match="not_allowed"):
        services.carry_certificate(viewer=NOBODY, public_key=box.public, chain_pem=b"", key_pem=b"")
    carried = services.carry_certificate(
        viewer=node_viewer(),
        public_key=box.public,
        chain_pem=issued.chain_pem,
        key_pem=issued.key_pem,
    )
    body = bytes(StoredFact.objects.get(fact_id=carried["fact_id"]).body)
    assert issued.chain_pem in body
    assert issued.key_pem[30:90] not in body

    assert services.take_up_certificate() is False, "it is not for the county's own node"
    county = ledger.current().key
    monkeypatch.setattr(nodes, "own_key", lambda: thief)
    assert services.take_up_certificate() is False
    monkeypatch.setattr(nodes, "own_key", lambda: box)
    assert county.public != box.public
    assert services.take_up_certificate() is True
    assert tls.find(tmp_path).names == NAMES
    assert (tmp_path / "tls" / tls.KEY).read_bytes() == issued.key_pem
    assert services.take_up_certificate() is False, "once"


def test_the_plain_page_leads_to_the_secure_one(authority: certificates.Authority) -> None:
    page = tls.hint_page("https://village-box.lan:8600/", certificates.pem(authority.certificate))
    assert "请用安全地址打开" in page
    assert certificates.fingerprint(authority.certificate) in page
    assert "<svg" in page
    assert 'href="/ca.crt"' in page
