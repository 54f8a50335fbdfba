"""A carrier that does not exist, with people who do not: for exercises, demonstrations, tests.

What a person does depends only on (seed, person, try), and when it happens on the time that is
handed in: the same night can be played again, at any speed.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from fengsui.gateways.channels import (
    CallbackUnreadableError,
    Delivery,
    Message,
    Outcome,
    Receipt,
)

CALLBACK_BYTES_MAX = 4096
ANSWER_AFTER_S = (8, 55)
LATE_AFTER_S = (240, 900)
ACT_AFTER_S = (60, 240)
HANGS_UP_AFTER_S = 6
_THOUSAND = 1000


class Behaviour(StrEnum):
    """What somebody does when the phone rings."""

    ANSWERS = "answers"
    ANSWERS_LATE = "answers_late"  # rings back after the call has been passed up
    NEEDS_SUPPORT = "needs_support"
    AWAY = "away"  # 不在村转B岗
    HANGS_UP = "hangs_up"  # after six seconds
    SWITCHED_OFF = "switched_off"
    WRONG_NUMBER = "wrong_number"
    WRONG_KEY = "wrong_key"
    NO_ANSWER = "no_answer"


# Of a thousand people, how many are of each kind for the whole night; the rest of them answer
# some tries and miss others.
DEFAULT_TEMPERAMENTS: Mapping[Behaviour, int] = {
    Behaviour.SWITCHED_OFF: 40,
    Behaviour.WRONG_NUMBER: 20,
    Behaviour.AWAY: 25,
    Behaviour.NEEDS_SUPPORT: 60,
    Behaviour.ANSWERS_LATE: 15,
}
# What the others do on one try, of a thousand.
DEFAULT_MOODS: Mapping[Behaviour, int] = {
    Behaviour.ANSWERS: 640,
    Behaviour.NO_ANSWER: 250,
    Behaviour.HANGS_UP: 70,
    Behaviour.WRONG_KEY: 40,
}


class SimulatedCarrier:
    """Seeded people. `script` fixes what single persons do: {person id: behaviours, try by try}
    (the last one lasts)."""

    reaches_outside = False
    is_instant = True

    def __init__(
        self,
        *,
        kind: str = "voice",
        seed: int = 1,
        script: Mapping[int, Sequence[Behaviour]] | None = None,
        temperaments: Mapping[Behaviour, int] = DEFAULT_TEMPERAMENTS,
        moods: Mapping[Behaviour, int] = DEFAULT_MOODS,
    ) -> None:
        self.kind = kind
        # Who has no number cannot be rung, not even in an exercise.
        self.contact_kinds: tuple[str, ...] = ("email",) if kind == "email" else ("phone",)
        self.seed = seed
        self.script: dict[int, Sequence[Behaviour]] = dict(script or {})
        self.temperaments = temperaments
        self.moods = moods
        self._told: list[tuple[datetime, int, Receipt]] = []
        self._count = 0
        self._stopped: set[str] = set()

    # --- people -----------------------------------------------------------------------------

    def _draw(self, *parts: object) -> int:
        digest = hashlib.sha256(" ".join(map(str, (self.seed, *parts))).encode()).digest()
        return int.from_bytes(digest[:8], "big")

    def behaviour_of(self, person_id: int, address: str, rung: int, try_number: int) -> Behaviour:
        """The same person does the same on the same try, whenever and however often asked."""
        scripted = self.script.get(person_id)
        if scripted:
            return scripted[min(try_number, len(scripted)) - 1]
        who = person_id or address
        draw = self._draw("temperament", who) % _THOUSAND
        for behaviour, share in self.temperaments.items():
            if draw < share:
                return behaviour
            draw -= share
        draw = self._draw("mood", who, rung, try_number) % sum(self.moods.values())
        for behaviour, share in self.moods.items():
            if draw < share:
                return behaviour
            draw -= share
        return Behaviour.NO_ANSWER

    def _seconds(self, between: tuple[int, int], *parts: object) -> int:
        return between[0] + self._draw(*parts) % (between[1] - between[0] + 1)

    def events(self, message: Message) -> list[Receipt]:
        """Everything that will be told about this message, with its times."""
        who = (message.person_id or message.address, message.rung, message.try_number)
        behaviour = self.behaviour_of(
            message.person_id, message.address, message.rung, message.try_number
        )
        keys = {Behaviour.NEEDS_SUPPORT: "2", Behaviour.AWAY: "3"}
        if behaviour in (Behaviour.ANSWERS, Behaviour.NEEDS_SUPPORT, Behaviour.AWAY):
            after = min(self._seconds(ANSWER_AFTER_S, "answer", *who), message.patience_s)
            told = [self._receipt(message, after, key=keys.get(behaviour, "1"))]
            if behaviour is not Behaviour.AWAY:
                acts = after + self._seconds(ACT_AFTER_S, "act", *who)
                told.append(self._receipt(message, acts, acted=True))
            return told
        if behaviour is Behaviour.ANSWERS_LATE:
            late = message.patience_s + self._seconds(LATE_AFTER_S, "late", *who)
            return [
                self._receipt(message, message.patience_s, Delivery.NO_ANSWER),
                self._receipt(message, late, key="1"),
                self._receipt(message, late + ACT_AFTER_S[0], acted=True),
            ]
        after, delivery, heard_s = {
            Behaviour.HANGS_UP: (12, Delivery.HUNG_UP, HANGS_UP_AFTER_S),
            Behaviour.SWITCHED_OFF: (4, Delivery.POWERED_OFF, 0),
            Behaviour.WRONG_NUMBER: (3, Delivery.WRONG_NUMBER, 0),
            Behaviour.WRONG_KEY: (25, Delivery.WRONG_KEY, 18),
            Behaviour.NO_ANSWER: (message.patience_s, Delivery.NO_ANSWER, 0),
        }[behaviour]
        return [self._receipt(message, min(after, message.patience_s), delivery, heard_s=heard_s)]

    def _receipt(
        self,
        message: Message,
        after_s: int,
        delivery: Delivery | None = None,
        *,
        heard_s: int = 0,
        key: str = "",
        acted: bool = False,
    ) -> Receipt:
        at = message.sent_at + timedelta(seconds=after_s)
        return Receipt(message.reference, at, delivery, heard_s, key, acted)

    # --- the channel ------------------------------------------------------------------------

    def send(self, message: Message) -> Outcome:
        self.resume(message)
        return Outcome(Delivery.HANDED_OVER)

    def resume(self, message: Message) -> None:
        """Remembers a message that an earlier process handed over: the same events follow."""
        if not message.address:
            return
        for receipt in self.events(message):
            self._count += 1
            heapq.heappush(self._told, (receipt.at or message.sent_at, self._count, receipt))

    def poll(self, now: datetime, limit: int = 500) -> Sequence[Receipt]:
        told: list[Receipt] = []
        while self._told and self._told[0][0] <= now and len(told) < limit:
            receipt = heapq.heappop(self._told)[2]
            if receipt.reference not in self._stopped:
                told.append(receipt)
        if not self._told:
            self._stopped.clear()
        return told

    def stop_ringing(self, reference: str) -> None:
        """Nobody presses a key on a phone that rings no more."""
        self._stopped.add(reference)

    def put_back(self, receipts: Sequence[Receipt]) -> None:
        """Receipts that could not be recorded are told again at the next poll."""
        for receipt in receipts:
            if receipt.at is not None:
                self._count += 1
                heapq.heappush(self._told, (receipt.at, self._count, receipt))

    @property
    def waiting(self) -> int:
        """How many receipts are still to come."""
        return len(self._told)

    def parse_callback(self, body: bytes) -> list[Receipt]:
        """{"reference", "event", "heard_s", "key"} as JSON, one object."""
        if len(body) > CALLBACK_BYTES_MAX:
            raise CallbackUnreadableError("the callback is too long")
        try:
            told = json.loads(body)
            event = told.get("event")
            return [
                Receipt(
                    reference=str(int(told["reference"])),
                    delivery=Delivery(event) if event else None,
                    heard_s=int(told.get("heard_s", 0)),
                    key=str(told.get("key", ""))[:1],
                )
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CallbackUnreadableError(f"no callback of this carrier: {error}") from error
