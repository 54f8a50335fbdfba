"""Both suites pass the same tests; SM2 and SM3 give what the standards print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import cbor2
import gmalg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import codec, incarnation, keys, services, signing, verify
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import StoredFact
from tests.beacon import services as beacons
from tests.beacon.facts import BEACON_LIT
from tests.beacon.models import Beacon

from .conftest import VILLAGE, Neighbour

ROOT = Path(__file__).resolve().parents[4]
SUITES = [signing.ED25519_SHA256, signing.SM2_SM3]


def test_sm3_of_abc_is_the_standards() -> None:
    """GB/T 32905-2016, annex A.1; by the library that signs and by the one that hashes."""
    printed = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert signing.SUITES[signing.SM2_SM3].digest(b"abc").hex() == printed
    running = gmalg.SM3()
    running.update(b"abc")
    assert running.value().hex() == printed


def test_sm2_signs_the_example_of_the_standard() -> None:
    """GB/T 32918.5-2017, annex A.2: key, random number and message as printed there."""
    secret = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
    number = int("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21", 16)
    public = gmalg.SM2().generate_pk(secret)
    assert public[1:33].hex().upper() == (
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    )
    signed = gmalg.SM2(secret, signing.SM2_USER_ID, public, rnd_fn=lambda bits: number)
    r, s = signed.sign(b"message digest")
    assert r.hex().upper() == "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    assert s.hex().upper() == "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
    sm2 = signing.SUITES[signing.SM2_SM3]
    assert sm2.is_valid(public, b"message digest", r + s)
    assert not sm2.is_valid(public, b"message digesT", r + s)


def test_a_short_number_of_a_signature_keeps_its_place() -> None:
    """Numbers below 2^248 come from the library in 31 bytes; the signature has 64 all the same."""
    secret = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
    public = gmalg.SM2().generate_pk(secret)
    for number in range(1, 400):
        signer = gmalg.SM2(secret, signing.SM2_USER_ID, public, rnd_fn=lambda bits, k=number: k)
        r, s = signer.sign(b"text")
        if len(r) + len(s) < 64:
            break
    else:
        pytest.fail("no short number among 400 signatures")
    signature = signing.joined(r, s)
    assert len(signature) == 64
    assert signing.SUITES[signing.SM2_SM3].is_valid(public, b"text", signature)


@pytest.mark.parametrize("suite", SUITES)
@settings(max_examples=5, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), junk=st.binary(max_size=70))
def test_every_seed_signs_and_junk_never_fits(suite: int, seed: bytes, junk: bytes) -> None:
    key = NodeKey.from_seed(seed, suite)
    signature = key.sign(b"text")
    assert len(signature) == 64
    assert key.suite.is_valid(key.public, b"text", signature)
    assert not key.suite.is_valid(key.public, b"text", junk)
    assert not key.suite.is_valid(junk, b"text", signature)
    for bad in (b"", bytes(64), b"\xff" * 64):
        assert not key.suite.is_valid(key.public, b"text", bad)


@pytest.mark.parametrize("suite", SUITES)
def test_a_neighbour_of_either_suite_is_taken_in(node: Any, suite: int) -> None:
    neighbour = Neighbour(suite=suite)
    services.trust_node(
        viewer=node_viewer(),
        suite=suite,
        public_key=neighbour.key.public,
        name="示意乡",
        scope="433126",
    )
    for name in "甲乙":
        fields = {"name": name, "height_metres": 9}
        neighbour.write(BEACON_LIT, fields, personal={"keeper": "示意己"})
    key = neighbour.feed_key(BEACON_LIT, VILLAGE)
    facts = neighbour.facts[key.fact_class, key.audience]
    header, body, _ = facts[0]
    forged = (header, body, bytes(64))
    reply = services.receive(feed=list(key), facts=[forged], carrier="usb")
    assert reply["verdicts"] == ["broken"]
    reply = services.receive(feed=list(key), facts=facts, carrier="usb")
    assert reply["verdicts"] == ["taken", "taken"]
    assert Beacon.objects.count() == 2
    assert verify.check_database(processes=1).is_whole


@pytest.mark.parametrize("suite", SUITES)
def test_a_node_of_either_suite_records_and_the_independent_tool_agrees(
    db: None, clock: Any, suite: int, tmp_path: Path
) -> None:
    opened = ledgers.Ledger.open(NodeKey.fresh(suite), incarnation.mint(0))
    ledgers.use(opened)
    try:
        for name in "甲乙":
            beacons.light(viewer=node_viewer(), place_code=VILLAGE, name=name)
        assert verify.check_database(processes=1).is_whole
        exported = tmp_path / "journal"
        with exported.open("wb") as target:
            verify.export(target)
    finally:
        ledgers.use(None)
    assert _tool(exported, opened.key.public.hex()) == 0
    altered = tmp_path / "altered"
    data = exported.read_bytes()
    signature = bytes(StoredFact.objects.order_by("-arrival").first().signature or b"")  # type: ignore[union-attr]
    altered.write_bytes(data.replace(signature, bytes(64)))
    assert _tool(altered) == 1
    empty = tmp_path / "empty"
    empty.write_bytes(data.replace(cbor2.dumps(signature), cbor2.dumps(b"")))
    assert _tool(empty) == 1


def _tool(path: Path, *trusted: str) -> int:
    command = [sys.executable, ROOT / "tools" / "verify_journal.py", path, *trusted]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_a_node_chooses_its_suite_before_it_has_a_key(tmp_path: Path) -> None:
    keys.choose_suite(tmp_path, signing.SM2_SM3)
    made = keys.load_or_make(tmp_path)
    assert made.suite.number == signing.SM2_SM3
    assert len(made.public) == 33
    assert keys.load_or_make(tmp_path).public == made.public
    with pytest.raises(ValueError, match="already"):
        keys.choose_suite(tmp_path, signing.ED25519_SHA256)
    keys.set_aside(tmp_path, "stolen")
    assert keys.load_or_make(tmp_path).public != made.public


def test_two_nodes_of_any_suites_agree_on_a_link_key() -> None:
    one, other = NodeKey.fresh(1), NodeKey.fresh(2)
    assert one.agree(other.link_public) == other.agree(one.link_public)
    assert codec.HEADER_VERSION == 1
