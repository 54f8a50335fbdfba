"""Answers to instructions that came by telegram, where the call list itself is not known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F

from fengsui.engines.calls.models import Answer
from fengsui.exchange.telegrams.errors import NO_SUCH_INSTRUCTION
from fengsui.exchange.telegrams.facts import INSTRUCTION_ANSWERED
from fengsui.exchange.telegrams.models import Heard, InstructionAnswer
from fengsui.exchange.telegrams.services.acting import answer_call, client_id_of
from fengsui.exchange.telegrams.states import Kind
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.gateways.telegrams.messages import SHORT_ID_MASK, Acknowledgement
from fengsui.gateways.telegrams.tables import ANSWERS
from fengsui.response.alerts.models import Alert
from fengsui.response.situation.services import move_first
from fengsui.response.situation.states import Sign
from fengsui.standards.instants import to_ms

ROWS_PER_STEP = 50
LOOKED_FOR = timedelta(days=1)


@command
def answer_instruction(
    *, viewer: Viewer, heard_id: int, answer_kind: str = "on_it", client_id: str = ""
) -> dict[str, Any]:
    """A post-holder answers an instruction that came by telegram: {"outcome"}.

    It goes up as an acknowledgement and answers this person's call, once, wherever the list is.
    Raises telegrams.no_such_instruction, access.not_allowed.
    """
    row = _instruction(heard_id)
    if answer_kind not in ANSWERS:
        raise NO_SUCH_INSTRUCTION()
    require(viewer, Permission.RECORD_HOUSEHOLD, row.place_code)
    if not viewer.person_id:
        raise NOT_ALLOWED(permission="answer_instruction", place=row.place_code)
    said = InstructionAnswer.objects.filter(
        alert=row.content["alert"], person_id=viewer.person_id, answer_kind=answer_kind
    )
    if said.exists():
        return {"outcome": "already_recorded"}
    record(
        INSTRUCTION_ANSWERED,
        fields={
            "alert": row.content["alert"],
            "reference": row.reference_key,
            "person_id": viewer.person_id,
            "place_code": row.place_code,
            "answer_kind": answer_kind,
            "at_ms": to_ms(clock.now()),
            "client_id": client_id[:64],
        },
        scope=row.place_code,
        viewer=viewer,
    )
    return {"outcome": "recorded"}


def _instruction(heard_id: int) -> Heard:
    row = Heard.objects.filter(pk=heard_id, kind=Kind.EVACUATION_INSTRUCTION).first()
    if row is None or not row.content:
        raise NO_SUCH_INSTRUCTION()
    return row


@command
def move_on_instruction(
    *, viewer: Viewer, heard_id: int, note: str = "", client_id: str = ""
) -> dict[str, Any]:
    """The village calls its own people on an instruction whose alert has not come yet.

    It rests on 村级先行转移: own scope only, reviewed afterwards. Returns what move_first returns.
    Raises telegrams.no_such_instruction where the alert itself is here: then that is acted upon.
    """
    row = _instruction(heard_id)
    require(viewer, Permission.SELF_RESCUE_CALL, row.place_code)
    known = Alert.objects.annotate(low=F("id") % (SHORT_ID_MASK + 1))
    if known.filter(low=row.content["alert"], ended_at=None).exists():
        raise NO_SUCH_INSTRUCTION()
    return move_first(
        viewer=viewer,
        place_code=row.place_code,
        sign=Sign.ORDER.value,
        note=f"电报指令。{note}".strip(),
        client_id=client_id or f"instruction {heard_id}",
    )


@command
def match_answers(*, viewer: Viewer) -> dict[str, Any]:
    """Answers that came in full, without or before their telegram, answer their calls here.

    Only at the node that drives the callout. Returns {"matched"}.
    """
    rows = InstructionAnswer.objects.filter(at__gt=clock.now() - LOOKED_FOR).order_by("-at")
    by_client = {client_id_of(row.reference_key): row for row in rows[:ROWS_PER_STEP]}
    known = set(
        Answer.objects.filter(client_id__in=list(by_client)).values_list("client_id", flat=True)
    )
    matched = 0
    for client_id, row in by_client.items():
        if client_id in known:
            continue
        message = Acknowledgement(
            of=row.alert,
            answer=row.answer_kind,
            at_ms=to_ms(row.at),
            person=row.person_id & SHORT_ID_MASK,
        )
        done = answer_call(
            message,
            viewer=viewer,
            how="telegram",
            client_id=client_id,
            person_id=row.person_id,
            only_own=True,
        )
        matched += done["outcome"] == "recorded"
    return {"matched": matched}
