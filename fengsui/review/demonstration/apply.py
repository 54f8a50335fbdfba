"""One fact of the demonstration → rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.foundation.journal.facts import Fact
from fengsui.review.demonstration.models import Cut, Night, Preparation
from fengsui.review.demonstration.states import NightState


def apply_prepared(fact: Fact) -> int | None:
    Preparation.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "seed": fact.fields["seed"],
            "storm": fact.fields["storm"],
            "people": fact.fields["people"],
            "prepared_at": fact.at,
        },
    )
    return None


def apply_started(fact: Fact) -> int | None:
    Night.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "preparation_id": fact.fields["preparation_id"],
            "alert_id": fact.fields["alert_id"],
            "callout_id": fact.fields["callout_id"],
            "evacuation_id": fact.fields["evacuation_id"],
            "state": NightState.RUNNING.value,
            "balance": {},
            "started_at": fact.at,
        },
    )
    return None


def apply_ended(fact: Fact) -> int | None:
    night_id = int(fact.fields["night_id"])
    if not Night.objects.filter(id=night_id).exists():
        return night_id
    # A night ends once; whatever is said of it later changes nothing.
    Night.objects.filter(id=night_id, ended_at=None).update(
        state=str(fact.fields["state"]), balance=fact.fields["balance"], ended_at=fact.at
    )
    return None


def apply_put_away(fact: Fact) -> int | None:
    night_id = int(fact.fields["night_id"])
    if not Night.objects.filter(id=night_id).exists():
        return night_id
    Night.objects.filter(id=night_id, put_away_at=None).update(put_away_at=fact.at)
    return None


def apply_cut_asked(fact: Fact) -> int | None:
    night_id = int(fact.fields["night_id"])
    if not Night.objects.filter(id=night_id).exists():
        return night_id
    Cut.objects.get_or_create(
        night_id=night_id,
        defaults={
            "id": fact.entity(),
            "place_code": fact.scope,
            "township_code": str(fact.fields["township_code"]),
            "asked_at": fact.at,
        },
    )
    return None


def apply_link_pulled(fact: Fact) -> int | None:
    return _note(fact, "pulled_at")


def apply_restore_asked(fact: Fact) -> int | None:
    return _note(fact, "restore_asked_at")


def apply_numbers_agreed(fact: Fact) -> int | None:
    names = ("facts", "seconds", "county", "township", "agree")
    return _note(fact, "agreed_at", outcome={name: fact.fields[name] for name in names})


def _note(fact: Fact, moment: str, **values: object) -> int | None:
    """The first time each thing was said counts. All of them come from the county's one feed."""
    cuts = Cut.objects.filter(night_id=int(fact.fields["night_id"]))
    cuts.filter(**{moment: None}).update(**{moment: fact.at}, **values)
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "demonstration.prepared": apply_prepared,
    "demonstration.started": apply_started,
    "demonstration.ended": apply_ended,
    "demonstration.put_away": apply_put_away,
    "demonstration.cut_asked": apply_cut_asked,
    "demonstration.link_pulled": apply_link_pulled,
    "demonstration.restore_asked": apply_restore_asked,
    "demonstration.numbers_agreed": apply_numbers_agreed,
}
