"""What an approved alert sets in motion: call everyone, the difference, or tell those called."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from fengsui.engines.calls import queries as call_queries
from fengsui.engines.calls import services as calls
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.facts import Fact
from fengsui.response.alerts import facts, queries, rules
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.services.steps import take_step
from fengsui.response.alerts.states import AlertKind
from fengsui.response.evacuations import queries as evacuation_queries
from fengsui.response.evacuations import services as evacuations
from fengsui.response.evacuations.states import HouseholdStatus


def activate(
    viewer: Viewer, alert: Alert, cause: Fact, *, only_households: Collection[int] | None = None
) -> dict[str, Any]:
    """Decide what this alert is to the ones in force, then call, add, tell or lift.

    `only_households`: of the households concerned, those who are called and listed to move.
    """
    # The desk has checked the right to do this; the engines act on the person's behalf.
    viewer = replace(viewer, is_node=True)
    before = rules.find_predecessor(
        issuer=alert.issuer,
        category=alert.category,
        references=alert.references,
        area_codes=alert.area_codes,
        exercise=alert.exercise,
        active=queries.predecessors(alert),
    )
    sequel = rules.sequel(msg_type=alert.msg_type, level=alert.level, predecessor=before)
    previous = Alert.objects.get(id=before.alert_id) if before else None
    callout_id, evacuation_id = _carry_out(viewer, alert, cause, sequel, previous, only_households)
    take_step(
        viewer,
        alert,
        facts.ACTIVATED,
        sequel=sequel.value,
        predecessor_id=before.alert_id if before else None,
        callout_id=callout_id,
        evacuation_id=evacuation_id,
    )
    if previous is not None:
        _end(viewer, previous, alert, sequel)
    made = {"callout_id": callout_id, "evacuation_id": evacuation_id}
    return {"alert_id": alert.pk, "sequel": sequel.value, **made}


def _carry_out(
    viewer: Viewer,
    alert: Alert,
    cause: Fact,
    sequel: rules.Sequel,
    previous: Alert | None,
    only_households: Collection[int] | None,
) -> tuple[int | None, int | None]:
    """(callout, evacuation) by which this alert is carried out."""
    if sequel in (rules.Sequel.NEW, rules.Sequel.UPGRADED):
        if previous and previous.callout_id:
            calls.stop_callout(
                viewer=viewer, callout_id=previous.callout_id, reason="预警升级，重新叫应"
            )
        return _call_everyone(viewer, alert, cause, previous, only_households)
    if previous is None:
        return None, None
    callout_id, evacuation_id = previous.callout_id, previous.evacuation_id
    if sequel is rules.Sequel.CONTINUED and _is_stopped(viewer, callout_id):
        # Whoever stopped it stopped that callout, not the danger: a second person has just said
        # yes to this one.
        return _call_everyone(viewer, alert, cause, previous, only_households)
    if sequel is rules.Sequel.CONTINUED:
        _call_the_difference(viewer, alert, callout_id, evacuation_id, only_households)
    elif callout_id:
        _tell_that_it_is_over(viewer, previous, callout_id, sequel)
    return callout_id, evacuation_id


def _is_stopped(viewer: Viewer, callout_id: int | None) -> bool:
    if callout_id is None:
        return False
    return call_queries.callout(callout_id, viewer=viewer).state == CalloutState.STOPPED


def _tell_that_it_is_over(
    viewer: Viewer, previous: Alert, callout_id: int, sequel: rules.Sequel
) -> None:
    is_lifted = sequel is rules.Sequel.LIFTED
    calls.notify_cancelled(
        viewer=viewer,
        callout_id=callout_id,
        text=f"{previous.headline}{'已解除' if is_lifted else '已降级'}。",
        texts=queries.texts_when_over(previous) if is_lifted else (),
    )


def _end(viewer: Viewer, previous: Alert, alert: Alert, sequel: rules.Sequel) -> None:
    """What becomes of the alert before, now that this one is in force."""
    if sequel is rules.Sequel.LIFTED:
        take_step(viewer, previous, facts.CANCELLED, reason=alert.headline)
        take_step(viewer, alert, facts.EXPIRED)
    else:
        take_step(viewer, previous, facts.SUPERSEDED, by_alert_id=alert.pk)


def _call_everyone(
    viewer: Viewer,
    alert: Alert,
    cause: Fact,
    previous: Alert | None,
    only_households: Collection[int] | None,
) -> tuple[int, int | None]:
    concerned = queries.concerned_by(alert)
    if only_households is not None:
        concerned = _narrowed(concerned, only_households)
    texts = queries.texts_of(alert, concerned)
    opened = calls.open_callout(
        viewer=viewer,
        subject_kind="alert",
        subject_id=alert.pk,
        place_code=alert.place_code,
        level=alert.level if alert.level != "none" else "yellow",
        text=alert.short_text,
        exercise=alert.exercise,
        policy=None,
        parties=queries.parties_of(alert, concerned, texts),
        cause=cause.id,
        all_at_once=rules.is_called_at_once(kind=alert.kind, level=alert.level),
        texts=texts,
    )
    if not _evacuates(alert):
        return opened["callout_id"], None
    carried = queries.carried_on_from(alert)
    if carried is not None and carried.evacuation_id and _is_listed(viewer, carried, concerned):
        # The list of the node that is out of reach is here: one list, so that nobody counts twice.
        return opened["callout_id"], carried.evacuation_id
    households = queries.households_to_move(concerned)
    if previous and previous.evacuation_id:
        evacuations.add_households(
            viewer=viewer,
            evacuation_id=previous.evacuation_id,
            households=households,
        )
        _say_who_is_away(viewer, previous.evacuation_id, concerned)
        return opened["callout_id"], previous.evacuation_id
    evacuation = evacuations.open_evacuation(
        viewer=viewer,
        alert_id=alert.pk,
        place_code=alert.place_code,
        exercise=alert.exercise,
        households=households,
        cause=cause.id,
    )
    _say_who_is_away(viewer, evacuation["evacuation_id"], concerned)
    return opened["callout_id"], evacuation["evacuation_id"]


def _say_who_is_away(viewer: Viewer, evacuation_id: int, concerned: dict[str, Any]) -> None:
    """外出 stands on the list at once, with who confirmed it and when. A later look still wins."""
    for one in concerned["households"]:
        away = one["away"]
        if away is None or one["people"]:
            continue
        evacuations.record_household_status(
            viewer=viewer,
            household_id=one["household_id"],
            status=HouseholdStatus.AWAY.value,
            client_id=f"away {evacuation_id} {one['household_id']}",
            evacuation_id=evacuation_id,
            confirmed_by=away["said_by"] or "已登记",
            confirmed_how=away["said_how"],
            observed_at=away["said_at"],
        )


def _narrowed(concerned: dict[str, Any], only: Collection[int]) -> dict[str, Any]:
    return {
        **concerned,
        "households": [one for one in concerned["households"] if one["household_id"] in only],
        "household_ids": [one for one in concerned["household_ids"] if one in only],
        "other_household_ids": [],
    }


def _is_listed(viewer: Viewer, carried: Alert, concerned: dict[str, Any]) -> bool:
    listed = evacuation_queries.households_of(carried.evacuation_id or 0, viewer=viewer)
    return set(concerned["household_ids"]) <= {row.household_id for row in listed}


def _call_the_difference(
    viewer: Viewer,
    alert: Alert,
    callout_id: int | None,
    evacuation_id: int | None,
    only_households: Collection[int] | None,
) -> None:
    """继续发布: those already called are left alone, whoever is new is called."""
    concerned = queries.concerned_by(alert)
    if only_households is not None:
        concerned = _narrowed(concerned, only_households)
    if callout_id:
        running = call_queries.callout(callout_id, viewer=viewer)
        opened_for = Alert.objects.get(pk=running.subject_id)
        texts = queries.texts_that_hold(running.texts, opened_for, concerned)
        calls.add_parties(
            viewer=viewer,
            callout_id=callout_id,
            parties=queries.parties_of(alert, concerned, texts),
        )
    if evacuation_id:
        evacuations.add_households(
            viewer=viewer,
            evacuation_id=evacuation_id,
            households=queries.households_to_move(concerned),
        )
        _say_who_is_away(viewer, evacuation_id, concerned)


def _evacuates(alert: Alert) -> bool:
    return (
        alert.kind == AlertKind.EVACUATION_INSTRUCTION or alert.level in rules.LEVELS_THAT_EVACUATE
    )
