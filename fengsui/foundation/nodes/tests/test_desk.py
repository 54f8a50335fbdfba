"""The desk: requests over the network, codes by voice, the tree for those who may see it."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.nodes import desk, queries, rules, services
from fengsui.foundation.nodes.errors import TOO_MANY_REQUESTS

from .conftest import NODE, TOWNSHIP, Tree

SECURITY = Viewer(3, "示意丙", (Grant("security_administrator", Scope("433126101")),))
OFFICER = Viewer(4, "示意丁", (Grant("duty_officer", Scope("433126")),))
PLACE = "433126101203"


def request_text(scope: str = PLACE) -> str:
    data = rules.make_request(
        NodeKey.fresh(), name="示意新村", level="village", scope=scope, made_ms=1
    )
    return rules.to_text(rules.REQUEST_WORD, data)


def test_a_request_waits_until_someone_who_heard_the_code_decides(tree: Tree) -> None:
    with tree.township:
        text = request_text()
        code = services.hand_in(request=text)["code"]
        assert services.hand_in(request=text)["code"] == code
        (waiting,) = desk.requests(SECURITY)
        assert (waiting["name"], waiting["scope"]) == ("示意新村", PLACE)
        assert "code" not in waiting, "it is read from the new node's own screen"
        assert desk.requests(OFFICER) == []
        assert desk.answer(code) == ""
        wanted = {"scope": PLACE, "level": "village", "name": "示意新村"}
        with pytest.raises(Problem, match="not_allowed"):
            services.enrol_waiting(viewer=OFFICER, code=code, **wanted)
        with pytest.raises(Problem, match="no_such_node"):
            services.enrol_waiting(viewer=SECURITY, code=rules.short_code(b"?"), **wanted)
        made = services.enrol_waiting(viewer=SECURITY, code=code.lower(), **wanted)
        assert desk.answer(code) == made["chain"]
        assert desk.requests(SECURITY) == []
        assert desk.answer("0000-0000-0000-0000") is None


def test_a_flood_of_requests_is_stopped_and_forgotten(tree: Tree, clock: Any) -> None:
    with tree.township:
        for _ in range(services.REQUESTS_MAX):
            services.hand_in(request=request_text())
        with pytest.raises(Problem, match=TOO_MANY_REQUESTS.code):
            services.hand_in(request=request_text())
        clock.forward(days=8)
        services.hand_in(request=request_text())
        assert len(desk.requests(NODE)) == 1


def test_who_revokes_and_who_sees(tree: Tree) -> None:
    tree.meet()
    with tree.township:
        village = tree.village.key.public
        with pytest.raises(Problem, match="not_allowed"):
            services.revoke(viewer=OFFICER, public_key=village, reason_code="lost", reason="?")
        stranger = Viewer(9, "示意己", (Grant("security_administrator", Scope("433127")),))
        with pytest.raises(Problem, match="no_such_node"):
            services.revoke(viewer=stranger, public_key=village, reason_code="lost", reason="?")
        assert queries.tree(stranger) == []
        assert {info.scope[:9] for info in queries.tree(SECURITY)} == {TOWNSHIP[:9]}
        services.revoke(viewer=SECURITY, public_key=village, reason_code="lost", reason="丢了")
        found = queries.by_key(village)
        assert found is not None
        assert found.state == "revoked"
