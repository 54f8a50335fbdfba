"""A county, a township and a village: request, code, chain, and who is who."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.nodes import queries, rules, services
from fengsui.foundation.nodes.facts import CERTIFIED
from fengsui.foundation.nodes.root import Root

COUNTY, TOWNSHIP, VILLAGE = "433126000000", "433126101000", "433126101201"
NODE = node_viewer()


def certify_county(root: Root, request: bytes, name: str = "示意县") -> dict[str, Any]:
    return services.county_chain(root, request, name=name, now=clock.now())


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return Root.make(tmp_path / "stick", COUNTY, 1)


@pytest.fixture
def county(node: Any, root: Root) -> Any:
    request = services.request_enrolment(name="示意县", level="county", scope=COUNTY)
    made = certify_county(root, request)
    services.init_county(viewer=NODE, chain=made["chain"], root_facts=made["root_facts"])
    return node


def test_a_county_hangs_from_its_root(county: Any, root: Root) -> None:
    own = queries.own()
    assert (own.level, own.scope, own.short_id, own.state) == ("county", COUNTY, 1, "valid")
    assert own.parent_key is None
    assert queries.known_scopes() == {own.public_key: COUNTY, root.key.public: COUNTY}
    request = services.request_enrolment(name="", level="county", scope=COUNTY)
    made = certify_county(root, request)
    with pytest.raises(Problem, match="has_root"):
        services.init_county(viewer=NODE, chain=made["chain"], root_facts=made["root_facts"])


def request_of(key: NodeKey, level: str, scope: str) -> bytes:
    return rules.make_request(key, name="示意", level=level, scope=scope, made_ms=1)


def test_a_township_is_enrolled_by_its_code(county: Any) -> None:
    key = NodeKey.fresh()
    request = request_of(key, "township", TOWNSHIP)
    wrong = rules.short_code(b"another")
    with pytest.raises(Problem, match="code_differs"):
        services.enrol(
            viewer=NODE, request=request, code=wrong, scope=TOWNSHIP, level="township", name="乡"
        )
    made = services.enrol(
        viewer=NODE,
        request=rules.to_text(rules.REQUEST_WORD, request),
        code=rules.short_code(request),
        scope=TOWNSHIP,
        level="township",
        name="示意乡",
    )
    assert made["short_id"] == 256
    info = queries.by_key(key.public)
    assert info is not None
    assert info == queries.by_short_id(256)
    assert info.parent_key == county.key.public
    assert [child.name for child in queries.children()] == ["示意乡"]
    assert [one.name for one in queries.tree(NODE)] == ["示意县", "示意乡"]
    (root_suite, _), links = rules.read_chain(rules.from_text(rules.CHAIN_WORD, made["chain"]))
    assert root_suite == 1
    assert len(links) == 2


def test_nobody_certifies_above_beside_or_outside_itself(county: Any) -> None:
    request = request_of(NodeKey.fresh(), "township", "433127101000")
    for level, scope in (("township", "433127101000"), ("county", COUNTY)):
        with pytest.raises(Problem, match="not_its_parent"):
            services.enrol(
                viewer=NODE,
                request=request,
                code=rules.short_code(request),
                scope=scope,
                level=level,
                name="",
            )


def test_a_request_or_code_with_a_slip_is_not_taken() -> None:
    request = request_of(NodeKey.fresh(), "village", VILLAGE)
    code = rules.short_code(request)
    assert rules.read_code(code.lower().replace("-", " ")) == code
    for at, letter in enumerate(code):
        if letter != "-":
            slip = code[:at] + ("X" if letter != "X" else "Y") + code[at + 1 :]
            with pytest.raises(rules.MalformedPaperError):
                rules.read_code(slip)
    altered = request[:40] + bytes([request[40] ^ 1]) + request[41:]
    with pytest.raises(rules.MalformedPaperError):
        rules.read_request(altered)


def test_link_keys_agree_and_follow_the_certificates(county: Any) -> None:
    key = NodeKey.fresh()
    assert queries.link_key(key.public) == key.agree_by_signing_key(county.key.public)
    request = request_of(key, "township", TOWNSHIP)
    services.enrol(
        viewer=NODE,
        request=request,
        code=rules.short_code(request),
        scope=TOWNSHIP,
        level="township",
        name="示意乡",
    )
    assert queries.link_key(key.public) == key.agree(county.key.link_public)
    assert queries.link_key(key.public) != key.agree_by_signing_key(county.key.public)


def test_the_link_epoch_changes_with_the_incarnation(node: Any) -> None:
    before = queries.link_epoch()
    journal.begin_incarnation(viewer=NODE, reason="test")
    assert 0 <= queries.link_epoch() < 1 << 16
    folded = 0
    for shift in (0, 16, 32, 48):
        folded ^= node.incarnation >> shift & 0xFFFF
    assert queries.link_epoch() == folded
    assert isinstance(before, int)


def test_the_root_folder_is_made_once_and_signs_what_it_says(root: Root, tmp_path: Path) -> None:
    from fengsui.foundation.nodes.root import RootFolderError

    with pytest.raises(RootFolderError):
        Root.make(tmp_path / "stick", COUNTY, 1)
    assert (tmp_path / "stick" / "root.seed").stat().st_mode & 0o777 == 0o600
    request = request_of(NodeKey.fresh(), "county", COUNTY)
    certify_county(root, request)
    again = Root.open(tmp_path / "stick")
    assert again.facts == root.facts
    assert len(again.facts) == 1
    assert CERTIFIED.number == 40
