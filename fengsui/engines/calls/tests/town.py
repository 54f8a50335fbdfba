"""Small builders for the tests of the call engine: invented people, simulated phones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.engines.calls import channel_register, jobs, services
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier

COUNTY = "990101000000"
TOWNSHIPS = ("990101101000", "990101102000")
NODE = node_viewer("test")
LEADER = Viewer(900, "示意带班", (Grant("duty_leader", Scope.of(COUNTY)),))
TOWNSHIP_OFFICER = Viewer(901, "示意乡镇", (Grant("township_officer", Scope.of(TOWNSHIPS[0])),))


def village(township: int, number: int) -> str:
    return f"{TOWNSHIPS[township][:9]}{200 + number}"


def phone(person_id: int) -> str:
    return f"000{person_id:08d}"


def person(person_id: int, name: str = "") -> dict[str, Any]:
    return {
        "person_id": person_id,
        "name": name or f"示意{person_id}",
        "contacts": [{"kind": "phone", "value": phone(person_id)}],
    }


def party(
    person_id: int,
    *,
    place: str = "",
    unit: str = "",
    title: str = "村支书",
    deputies: Sequence[Any] = (),
    superiors: Sequence[Any] = (),
) -> dict[str, Any]:
    place = place or village(0, person_id % 5)
    return {
        **person(person_id),
        "place_code": place,
        "unit_code": unit,
        "post_title": title,
        "deputies": list(deputies),
        "superiors": list(superiors),
    }


def viewer_of(person_id: int) -> Viewer:
    return Viewer(person_id, f"示意{person_id}")


def phones(
    script: dict[int, Sequence[Behaviour]] | None = None, *, seed: int = 1, **shares: Any
) -> SimulatedCarrier:
    """Fresh channels with a simulated voice carrier; returns the carrier."""
    channel_register.reset()
    carrier = SimulatedCarrier(kind="voice", seed=seed, script=script, **shares)
    channel_register.register_practice(carrier)
    channel_register.register_practice(InAppChannel())
    jobs.restart()
    return carrier


def silent_by_default(**script: Sequence[Behaviour]) -> dict[str, Any]:
    return {"temperaments": {}, "moods": {Behaviour.NO_ANSWER: 1}}


def open_callout(parties: list[dict[str, Any]], **changes: Any) -> int:
    request: dict[str, Any] = {
        "viewer": NODE,
        "subject_kind": "alert",
        "subject_id": 7,
        "place_code": COUNTY,
        "level": "red",
        "text": "【演练】暴雨红色预警：立即转移危险区群众。",
        "exercise": True,
        "parties": parties,
    }
    opened: dict[str, Any] = services.open_callout(**{**request, **changes})
    return int(opened["callout_id"])


def step(rounds: int = 50) -> None:
    """Everything that is due now, until nothing is left to do at this moment."""
    for _ in range(rounds):
        now = clock.now()
        more = [
            jobs.unpack(now),
            jobs.advance(now),
            jobs.dispatch(now),
            jobs.dispatch(now),
            jobs.hear(now),
        ]
        if not any(more):
            return


def run(*, minutes: float, every_s: int = 15) -> None:
    """Winds the clock on, letting the engine work at every step."""
    for _ in range(int(minutes * 60 / every_s)):
        step()
        clock.forward(seconds=every_s)
    step()


def call_of(callout_id: int, person_id: int) -> Call:
    return Call.objects.get(callout_id=callout_id, person_id=person_id)
