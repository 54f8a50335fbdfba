"""One fact of the situation → rows. Nothing waits: each statement stands by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fengsui.foundation.journal import rowwise
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.response.situation import rules
from fengsui.response.situation.apply.contact import apply_contact_lost, apply_contact_regained
from fengsui.response.situation.models import (
    Headcount,
    InFull,
    MovedFirst,
    QuickReport,
    Relay,
    Sos,
    SosClosing,
    Statement,
)
from fengsui.response.situation.states import HEADCOUNT_NUMBERS, REPORT_CUTS, REPORT_NUMBERS
from fengsui.standards.instants import from_ms

_SOS_FIELDS = ("place_code", "lon_e7", "lat_e7", "people", "injured", "need", "device", "text")
_HEADCOUNT_FIELDS = ("place_code", "evacuation_id", "series", *HEADCOUNT_NUMBERS)
_REPORT_FIELDS = ("place_code", "disaster", *REPORT_NUMBERS, *REPORT_CUTS, "needs")
_TABLES: Mapping[str, tuple[type[Statement], tuple[str, ...]]] = {
    "sos": (Sos, _SOS_FIELDS),
    "headcount": (Headcount, _HEADCOUNT_FIELDS),
    "quick_report": (QuickReport, _REPORT_FIELDS),
}


def _own_key(fact: Fact) -> str:
    """The reference by which a telegram names this very fact."""
    feed = feed_key(fact.feed)
    if feed is None:
        return ""
    return rules.reference_key(
        node=feed.public_key,
        fact_class=feed.fact_class,
        audience=feed.audience,
        epoch=rules.epoch_of(feed.incarnation),
        sequence=fact.seq,
    )


def _keep_first(
    table: type[Statement], fact: Fact, client_id: str, *, heard_by: str = "", **values: Any
) -> None:
    """The row of a client id. A fact stands before what a gateway heard; then the earliest."""
    said = {**values, **_origin(fact, heard_by)}
    rows: Any = table._default_manager
    row = rows.filter(client_id=client_id).first()
    if row is None:
        rows.create(client_id=client_id, **said)
    # An erasure applies the same fact again: equal must win as well.
    elif said["origin"] <= row.origin:
        rows.filter(pk=row.pk).update(**said)


def _origin(fact: Fact, heard_by: str = "") -> dict[str, Any]:
    is_provisional = heard_by != ""
    return {
        "origin": f"{int(is_provisional)}.{fact.hlc:020d}.{fact.id.hex()}",
        "is_provisional": is_provisional,
        "path": heard_by,
        "recorded_at": fact.at,
        "recorded_by": fact.actor,
    }


def _client_id(fact: Fact, name: str = "client_id") -> str:
    return str(fact.fields.get(name) or "") or fact.id.hex()


def _state_in_full(fact: Fact, kind: str, client_id: str) -> None:
    """Notes where the fact stands; what a gateway said in its place makes way for it."""
    key = _own_key(fact)
    if not key:
        return
    InFull.objects.get_or_create(
        id=fact.entity(), defaults={"reference_key": key, "client_id": client_id}
    )
    replaced = Relay.objects.filter(reference_key=key, kind=kind)
    heard = list(replaced.values_list("client_id", flat=True))
    if not heard:
        return
    replaced.update(said_as=client_id)
    table, _ = _TABLES[kind]
    rows: Any = table._default_manager
    for row in rows.filter(client_id__in=heard, is_provisional=True):
        row.delete()
        _choose_again(row)


def _choose_again(row: Statement) -> None:
    """One statement less or more: which of its kind counts now?"""
    if isinstance(row, Headcount):
        _choose_headcount(row.place_code, row.evacuation_id, row.series)
    elif isinstance(row, QuickReport):
        _choose_report(row.place_code, row.disaster)


def apply_sos_raised(fact: Fact) -> int | None:
    client_id = _client_id(fact, "sos_id")
    said = {**fact.fields, **(fact.personal or {"text": ""})}
    _keep_first(Sos, fact, client_id, at=from_ms(said["at_ms"]), **_chosen(said, _SOS_FIELDS))
    _state_in_full(fact, "sos", client_id)
    _settle_sos(client_id)
    return None


def _chosen(said: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: said[name] for name in names}


def _settle_sos(sos_id: str) -> None:
    """Closed once somebody closed it, under its own id or as the gateway's word for it."""
    known_as = {sos_id, *Relay.objects.filter(said_as=sos_id).values_list("client_id", flat=True)}
    closing = SosClosing.objects.filter(sos_id__in=known_as).order_by("at", "id").first()
    if closing is not None:
        Sos.objects.filter(client_id=sos_id).update(
            closed_at=closing.at,
            closed_by=closing.by,
            outcome=closing.outcome,
            close_reason=closing.reason,
        )


def apply_sos_closed(fact: Fact) -> int | None:
    sos_id = str(fact.fields["sos_id"])
    SosClosing.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "sos_id": sos_id,
            "at": fact.at,
            "by": fact.actor,
            "outcome": fact.fields["outcome"],
            "reason": (fact.personal or {}).get("reason", ""),
        },
    )
    _settle_sos(sos_id)
    for said_as in Relay.objects.filter(client_id=sos_id).exclude(said_as="").values("said_as"):
        _settle_sos(said_as["said_as"])
    return None


def apply_headcount_reported(fact: Fact) -> int | None:
    client_id = _client_id(fact)
    said = fact.fields
    values = _chosen(said, _HEADCOUNT_FIELDS)
    _keep_first(Headcount, fact, client_id, at=from_ms(said["at_ms"]), **values)
    _state_in_full(fact, "headcount", client_id)
    _choose_headcount(said["place_code"], said["evacuation_id"], said["series"])
    return None


def _choose_headcount(place_code: str, evacuation_id: int | None, series: int) -> None:
    rows = Headcount.objects.filter(
        place_code=place_code, evacuation_id=evacuation_id, series=series
    )
    _choose_newest(rows)


def _choose_newest(rows: Any) -> None:
    newest = rows.order_by("-at", "is_provisional", "-origin").values_list("pk", flat=True).first()
    rows.filter(is_current=True).exclude(pk=newest).update(is_current=False)
    rows.filter(pk=newest).update(is_current=True)


def apply_quick_report_filed(fact: Fact) -> int | None:
    client_id = _client_id(fact)
    said = fact.fields
    values = _chosen(said, _REPORT_FIELDS)
    _keep_first(QuickReport, fact, client_id, at=from_ms(said["at_ms"]), **values)
    _state_in_full(fact, "quick_report", client_id)
    _choose_report(said["place_code"], said["disaster"])
    return None


def _choose_report(place_code: str, disaster: str) -> None:
    _choose_newest(QuickReport.objects.filter(place_code=place_code, disaster=disaster))


# --- many at once ---------------------------------------------------------------------------


def apply_headcounts_reported(facts: Sequence[Fact]) -> list[int | None]:
    """`apply_headcount_reported` for many."""
    keys = ("place_code", "evacuation_id", "series")
    _state_many(facts, "headcount", keys, apply_headcount_reported)
    return [None] * len(facts)


def apply_quick_reports_filed(facts: Sequence[Fact]) -> list[int | None]:
    """`apply_quick_report_filed` for many."""
    _state_many(facts, "quick_report", ("place_code", "disaster"), apply_quick_report_filed)
    return [None] * len(facts)


def _state_many(
    facts: Sequence[Fact],
    kind: str,
    keys: tuple[str, ...],
    apply_one: Callable[[Fact], int | None],
) -> None:
    """New statements by statement; those said before, or by a gateway, one by one after them."""
    table, names = _TABLES[kind]
    rows: Any = table._default_manager
    clients = [_client_id(fact) for fact in facts]
    references = [_own_key(fact) for fact in facts]
    held = set(rows.filter(client_id__in=clients).values_list("client_id", flat=True))
    heard = set(
        Relay.objects.filter(reference_key__in=references, kind=kind).values_list(
            "reference_key", flat=True
        )
    )
    stated = set(
        InFull.objects.filter(reference_key__in=references).values_list("reference_key", flat=True)
    )
    fresh: dict[str, dict[str, Any]] = {}
    in_full, later = [], []
    for fact, client_id, reference in zip(facts, clients, references, strict=True):
        is_new = reference and client_id not in held and client_id not in fresh
        if not is_new or reference in heard or reference in stated:
            later.append(fact)
            continue
        said = fact.fields
        fresh[client_id] = {
            "client_id": client_id,
            "at": from_ms(said["at_ms"]),
            **_chosen(said, names),
            **_origin(fact),
            "is_current": False,
        }
        in_full.append({"id": fact.entity(), "reference_key": reference, "client_id": client_id})
    _mark_newest(rows, fresh.values(), keys)
    rowwise.insert(table, list(fresh.values()))
    rowwise.insert(InFull, in_full)
    for fact in later:
        apply_one(fact)


def _mark_newest(rows: Any, fresh: Iterable[dict[str, Any]], keys: tuple[str, ...]) -> None:
    """Which of the new ones count, against each other and against those that count so far."""
    best: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in fresh:
        name = tuple(row[key] for key in keys)
        if name not in best or _newness(row) > _newness(best[name]):
            best[name] = row
    current = rows.filter(is_current=True, place_code__in={name[0] for name in best})
    columns = ("id", "at", "is_provisional", "origin", *keys)
    outdated = {}
    for held in current.values(*columns):
        name = tuple(held[key] for key in keys)
        if name not in best:
            continue
        if _newness(held) > _newness(best[name]):
            del best[name]
        else:
            outdated[held["id"]] = {"is_current": False}
    rowwise.update(rows.model, outdated)
    for row in best.values():
        row["is_current"] = True


def _newness(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The order of `_choose_newest`."""
    return row["at"], not row["is_provisional"], row["origin"]


def apply_moved_first(fact: Fact) -> int | None:
    said = fact.fields
    names = ("place_code", "sign", "gauge_value_mm", "danger_area_ids", "by")
    _keep_first(
        MovedFirst,
        fact,
        _client_id(fact),
        at=from_ms(said["at_ms"]),
        alert_id=said["alert_id"],
        evacuation_id=said["evacuation_id"],
        note=(fact.personal or {}).get("note", ""),
        **_chosen(said, names),
    )
    return None


def apply_relayed(fact: Fact) -> int | None:
    """A gateway's word stands only until the fact it names is here; it is never added to it."""
    said = fact.fields
    try:
        key = rules.key_of_reference(said["reference"])
    except rules.UnreadableError:
        key = ""
    # Two gateways that heard one telegram make one provisional statement.
    client_id = f"heard:{key}" if key else _client_id(fact)
    content = (fact.personal or {"content": {}})["content"]
    full = InFull.objects.filter(reference_key=key).first() if key else None
    Relay.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "kind": said["kind"],
            "place_code": said["place_code"],
            "path": said["path"],
            "reference_key": key,
            "client_id": client_id,
            "content": content,
            "at": from_ms(said["at_ms"]),
            "heard_at": fact.at,
            "said_as": full.client_id if full else "",
        },
    )
    if full is not None:
        if said["kind"] == "sos":
            _settle_sos(full.client_id)
        return None
    _state_provisionally(fact, client_id, content)
    if said["kind"] in _TABLES:
        # A gateway further up may have heard of this very word by telegram.
        _state_in_full(fact, said["kind"], client_id)
        if said["kind"] == "sos":
            _settle_sos(client_id)
    return None


def _state_provisionally(fact: Fact, client_id: str, content: Any) -> None:
    said = fact.fields
    found = _TABLES.get(said["kind"])
    if found is None or not isinstance(content, dict):
        return
    table, names = found
    if not content:  # erased: the numbers stay, the words go
        if table is Sos:
            Sos.objects.filter(client_id=client_id, is_provisional=True).update(text="")
        return
    try:
        clean = rules.CLEAN[said["kind"]](
            {**content, "place_code": said["place_code"], "at_ms": said["at_ms"]}
        )
    except (rules.UnreadableError, TypeError, ValueError):
        return
    at = from_ms(clean["at_ms"])
    known = _chosen(clean, names)
    _keep_first(table, fact, client_id, heard_by=said["path"], at=at, **known)
    if table is Sos:
        _settle_sos(client_id)
    elif table is Headcount:
        _choose_headcount(clean["place_code"], clean["evacuation_id"], clean["series"])
    else:
        _choose_report(clean["place_code"], clean["disaster"])


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "situation.sos_raised": apply_sos_raised,
    "situation.sos_closed": apply_sos_closed,
    "situation.headcount_reported": apply_headcount_reported,
    "situation.quick_report_filed": apply_quick_report_filed,
    "situation.moved_first": apply_moved_first,
    "situation.relayed": apply_relayed,
    "situation.contact_lost": apply_contact_lost,
    "situation.contact_regained": apply_contact_regained,
}
APPLY_MANY: Mapping[str, Callable[[Sequence[Fact]], Sequence[int | None]]] = {
    "situation.headcount_reported": apply_headcounts_reported,
    "situation.quick_report_filed": apply_quick_reports_filed,
}
