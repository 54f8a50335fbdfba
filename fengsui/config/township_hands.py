"""The people of the cut-off township in the demonstration's second act.

Runs in the township node's own environment, beside its writer: one JSON object a line in, one
out. They print the paper lists, type the ticks back from them, and count heads for text messages.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from fengsui.exchange.links import addresses
from fengsui.exchange.neighbours import queries as neighbours
from fengsui.exchange.sheets import codes
from fengsui.exchange.sheets import queries as sheets
from fengsui.exchange.sheets import services as sheet_services
from fengsui.exchange.sheets.listing import source_of_evacuation
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import holders_of, viewer_for_person
from fengsui.foundation.journal import client
from fengsui.foundation.nodes import rules as node_rules
from fengsui.foundation.nodes import services as nodes
from fengsui.foundation.people.models import ContactPoint
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.situation import services as situation
from fengsui.review.demonstration import queries as demonstration
from fengsui.standards.divisions import township_of

VIEWER = node_viewer("demonstration")
TYPED_AT_ONCE = 60
_WORDS = {
    "moved_central": "集中",
    "moved_relatives": "投亲",
    "away": "外出",
    "knocked_no_answer": "未应",
    "needs_help": "协助",
    "refuses": "拒绝",
    "told": "通知",
}
_HOW = {"phone": "电话", "neighbour": "邻居", "relative": "亲属"}
Answer = dict[str, Any]


def ready(asked: Answer) -> Answer:
    """Whether the writer of this node answers yet."""
    try:
        return {"ready": bool(client.status())}
    except (Problem, OSError):
        return {"ready": False}


def request(asked: Answer) -> Answer:
    """The node's request for a certificate, and the code that two people compare."""
    made = nodes.request_enrolment(name=asked["name"], level="township", scope=asked["scope"])
    text = node_rules.to_text(node_rules.REQUEST_WORD, made)
    return {"request": text, "code": node_rules.short_code(made)}


def accept(asked: Answer) -> Answer:
    """Takes the certificate and learns where the county is."""
    from django.conf import settings

    nodes.accept_certificate(viewer=VIEWER, chain=asked["chain"])
    addresses.write_urls(settings.HOME, [asked["upstream"]])
    return {}


def standing(asked: Answer) -> Answer:
    """How this node stands with the county: its state, and what the county does not have yet."""
    upstream = neighbours.not_received_upstream()
    return {"state": upstream.state.value, "facts": upstream.facts}


def sign_in(asked: Answer) -> Answer:
    """A one-time link for the township's officer."""
    for one in holders_of("township_officer", asked["township"], viewer=VIEWER):
        return {"token": accounts.make_one_time_link(int(one["person_id"]))}
    return {"token": ""}


def print_lists(asked: Answer) -> Answer:
    """Paper for every group of the township; how many sheets."""
    printed = sheet_services.print_sheets(
        viewer=_officer(asked["township"]),
        evacuation_id=int(asked["evacuation_id"]),
        place_code=asked["township"],
    )
    return {"sheets": len(printed["sheet_ids"])}


def type_ticks(asked: Answer) -> Answer:
    """Ticks from the paper typed in: [{"household_id", "status", …, "seen_at"}]; what was not
    taken, in words."""
    evacuation_id, township = int(asked["evacuation_id"]), str(asked["township"])
    code_of = _codes(evacuation_id, township)
    viewer, refused = _officer(township), []
    for step in asked["steps"]:
        line = f"{code_of[int(step['household_id'])]} {_WORDS[step['status']]}"
        if step["status"].startswith("moved"):
            line += f" {step['people_moved']}"
        elif step["status"] == "away":
            line += f" {_HOW[step['confirmed_how']]} {step['confirmed_by']}"
        for row in sheet_services.record_typed(
            viewer=viewer, text=line, seen_at=datetime.fromtimestamp(step["seen_s"], UTC)
        ):
            if row["outcome"] not in ("recorded", "already_recorded"):
                refused.append(f"{line}: {row['zh']}")
    return {"refused": refused}


def count_heads(asked: Answer) -> Answer:
    """Writes every village's headcount down here; the texts that go to the county by phone."""
    evacuation_id, township = int(asked["evacuation_id"]), str(asked["township"])
    texts = []
    by_village = evacuations.balance_by_place(evacuation_id, viewer=VIEWER)
    for village, counts in sorted(by_village.items()):
        if township_of(village) != township:
            continue
        number = (
            ContactPoint.objects.filter(kind="phone", place_code=village)
            .order_by("id")
            .values_list("value", flat=True)
            .first()
        )
        numbers = {name: counts[name] for name in ("should", "moved", "away")}
        situation.report_headcount(
            viewer=VIEWER,
            content={"place_code": village, "evacuation_id": evacuation_id, **numbers},
        )
        if number:
            texts.append({"number": number, "text": f"ZY {counts['moved']}/{counts['should']}"})
    return {"texts": texts}


def balance(asked: Answer) -> Answer:
    """The township's own numbers."""
    return demonstration.township_balance(int(asked["evacuation_id"]), asked["township"])


def _officer(township: str) -> Any:
    for one in holders_of("township_officer", township, viewer=VIEWER):
        return viewer_for_person(int(one["person_id"]))
    return VIEWER


def _codes(evacuation_id: int, township: str) -> dict[int, str]:
    source = source_of_evacuation(evacuation_id)
    printed = [] if source is None else sheets.sheets_of(source, township, viewer=VIEWER)
    lines = sheets.lines_of(printed)
    return {
        household_id: codes.full_code(sheet.number, line)
        for sheet in printed
        for line, household_id in lines[sheet.pk].items()
    }


VERBS: dict[str, Callable[[Answer], Answer]] = {
    function.__name__: function
    for function in (
        ready,
        request,
        accept,
        standing,
        sign_in,
        print_lists,
        type_ticks,
        count_heads,
        balance,
    )
}


def serve() -> int:
    """Answers until its input ends. A verb that fails says so and the next one is served."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = VERBS[asked["verb"]](asked)
        except Problem as problem:
            plain = problem.to_plain()
            answer = {"problem": plain["code"], "zh": plain["zh"]}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return 0
