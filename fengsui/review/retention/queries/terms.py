"""Terms, and what is due."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q

from fengsui.engines.calls.models import CallParty
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.devices.models import DeviceItem
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import ledger as journal
from fengsui.foundation.journal.facts import FactKind
from fengsui.foundation.journal.hlc import to_time
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.queries import kinds
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.queries import owner_place
from fengsui.response.alerts.states import OPEN_STATES
from fengsui.response.evacuations.models import EvacuationEntry
from fengsui.response.situation.models import MovedFirst, Sos
from fengsui.review.retention import rules
from fengsui.review.retention.models import Erasure, KeptEvent, Term
from fengsui.review.retention.states import Basis, Subject

EVENTS_MAX = 100
MONTH = timedelta(days=30)


@lru_cache(maxsize=1)
def personal_kinds() -> dict[int, FactKind]:
    """The fact kinds with personal data, by number."""
    return {
        kind.number: kind for kind in kinds().values() if kind.personal or kind.item_is_personal
    }


def days_of(code: str) -> int:
    """The term in force: what was set here, or the default. Only for classes that have one."""
    held = Term.objects.filter(pk=code).values_list("days", flat=True).first()
    return held if held is not None else rules.BY_CODE[code].days or 0


def table(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Every class of data with its term. Anybody may know how long what is kept."""
    journal.show_open_rows()
    set_here = {row.class_code: row for row in Term.objects.all()}
    may_set = viewer.may(Permission.ERASE_PERSONAL, owner_place())
    found = []
    for one in rules.CLASSES:
        term = set_here.get(one.code)
        found.append(
            {
                **{name: getattr(one, name) for name in _SHOWN},
                "basis": one.basis.value,
                "places": list(one.places),
                "days": term.days if term else one.days,
                "days_default": one.days,
                "set_at": term.set_at if term else None,
                "set_reason": term.reason if term else "",
                "may_set": may_set and one.least is not None,
            }
        )
    return found


_SHOWN = (
    "code",
    "zh",
    "en",
    "holds_zh",
    "holds_en",
    "least",
    "most",
    "source",
    "is_verified",
    "end_zh",
    "end_en",
)


# --- what is due ----------------------------------------------------------------------------


def event_ids(alert: Alert) -> list[int]:
    """What hangs on an event: the alert, its callout, its list of households."""
    return [one for one in (alert.pk, alert.callout_id, alert.evacuation_id) if one]


def gate_event(alert_id: int, *, viewer: Viewer) -> Alert:
    alert = Alert.objects.filter(visible(viewer, Permission.ERASE_PERSONAL), pk=alert_id).first()
    if alert is None:
        raise NOT_FOUND()
    return alert


def is_over(alert: Alert) -> bool:
    """Ended, and nothing that hangs on it is still used by another that has not."""
    if alert.state in OPEN_STATES or alert.ended_at is None:
        return False
    sharing = Q()
    for name in ("callout_id", "evacuation_id"):
        value = getattr(alert, name)
        if value is not None:
            sharing |= Q(**{name: value})
    if not sharing:
        return True
    return not Alert.objects.filter(sharing, state__in=OPEN_STATES).exists()


def events(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Events that are over and still hold personal data, the longest due first.

    {"alert_id", "title", "place_code", "ended_at", "due_at", "is_due", "is_over", "kept_until",
     "kept_reason", "people", "records", "exercise"}; `people`: names on its call list, `records`:
    entries that say who confirmed.
    """
    journal.show_open_rows()
    days = min(days_of(code) for code in rules.EVENT_CLASSES)
    alerts = Alert.objects.filter(
        visible(viewer, Permission.ERASE_PERSONAL), ended_at__isnull=False
    ).exclude(state__in=OPEN_STATES)
    kept = {row.alert_id: row for row in KeptEvent.objects.all()}
    ordered = {row.subject_ids[0] for row in Erasure.objects.filter(subject=Subject.EVENT)}
    left_people, left_records = _left_by_event()
    now = clock.now()
    found = []
    for alert in alerts.order_by("ended_at", "pk"):
        people = left_people.get(alert.callout_id or 0, 0)
        records = left_records.get(alert.evacuation_id or 0, 0)
        if alert.ended_at is None or alert.pk in ordered or not (people or records):
            continue
        held = kept.get(alert.pk)
        due = rules.due_at(alert.ended_at, days, held.until_at if held else None)
        found.append(
            {
                "alert_id": alert.pk,
                "title": alert.headline,
                "place_code": alert.place_code,
                "ended_at": alert.ended_at,
                "due_at": due,
                "is_due": due <= now,
                "is_over": is_over(alert),
                "kept_until": held.until_at if held else None,
                "kept_reason": held.reason if held else "",
                "people": people,
                "records": records,
                "exercise": alert.exercise,
            }
        )
        if len(found) == EVENTS_MAX:
            break
    return sorted(found, key=lambda one: one["due_at"])


def _left_by_event() -> tuple[dict[int, int], dict[int, int]]:
    """Callout -> parties that still have a name; list of households -> entries that name one."""
    parties = CallParty.objects.exclude(name="").values("call__callout_id")
    entries = EvacuationEntry.objects.exclude(confirmed_by="").values("evacuation_id")
    return (
        dict(parties.annotate(n=Count("pk")).values_list("call__callout_id", "n")),
        dict(entries.annotate(n=Count("pk")).values_list("evacuation_id", "n")),
    )


def classes_due(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Classes that run by age: {"code", "zh", "en", "days", "before", "left", "is_due"}.

    `left`: how many texts older than `before` still stand; None where this page cannot count
    them, then it is due once a month, from a month after the oldest fact of this node on.
    """
    if not viewer.scopes(Permission.ERASE_PERSONAL):
        return []
    now = clock.now()
    oldest = StoredFact.objects.order_by("arrival").values_list("hlc", flat=True).first()
    began = now if oldest is None else to_time(oldest)
    orders = list(Erasure.objects.filter(subject=Subject.CLASS))
    found = []
    for one in rules.CLASSES:
        if one.basis is not Basis.AGE:
            continue
        before = now - timedelta(days=days_of(one.code))
        covered = max(
            (row.before_at for row in orders if one.code in row.classes and row.before_at),
            default=None,
        )
        left = _texts_left(one.code, before)
        is_fresh = before - (covered or began) < MONTH
        found.append(
            {
                "code": one.code,
                "zh": one.zh,
                "en": one.en,
                "days": days_of(one.code),
                "before": before,
                "left": left,
                "is_due": bool(left) if left is not None else not is_fresh,
            }
        )
    return found


def _texts_left(code: str, before: datetime) -> int | None:
    if code == "statements":
        return (
            Sos.objects.filter(at__lt=before).exclude(text="").count()
            + MovedFirst.objects.filter(at__lt=before).exclude(note="").count()
        )
    if code == "phone_items":
        return DeviceItem.objects.filter(received_at__lt=before).exclude(body="").count()
    return None
