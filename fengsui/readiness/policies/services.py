"""Versions are adopted by who may approve a warning, ways kept by who keeps the registers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import queries as people
from fengsui.readiness.policies import queries, rules
from fengsui.readiness.policies.errors import (
    CHANGED_MEANWHILE,
    LEVEL_WITHOUT_TIME,
    LINES_OUT_OF_RANGE,
    NOTHING_CHANGED,
    NOTHING_TO_TRY,
    REASON_REQUIRED,
    ROUTE_REFUSED,
    TEMPLATE_REFUSED,
)
from fengsui.readiness.policies.facts import (
    LINES_STATED,
    POLICY_ADOPTED,
    ROUTE_STATED,
    ROUTE_TRIED,
    TEMPLATE_ADOPTED,
)
from fengsui.readiness.policies.models import HumanRoute, TemplateVersion
from fengsui.readiness.policies.states import (
    ALL_AT_ONCE,
    LEVEL_ROWS,
    POLICY_WORDS,
    Need,
    TemplateName,
    Way,
)
from fengsui.standards.divisions import village_of

SECONDS_A_CALL_MIN = 5
_CHINESE = "zh"


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > rules.REASON_CHARACTERS_MAX:
        raise REASON_REQUIRED(limit=rules.REASON_CHARACTERS_MAX)
    return reason


@command
def adopt_policy(
    *, viewer: Viewer, name: str, policy: dict[str, Any] | None, based_on: int, reason: str
) -> dict[str, Any]:
    """A new version of a policy, in force for every callout that opens from now on.

    `policy` None: back to the program's default. `based_on`: the version that was on the screen
    (0: none of the county's own), so that nobody overwrites what another has just adopted.
    Callouts that run keep the policy they opened with. Returns {"version"}.
    """
    queries.known_policy(name)
    place = queries.own_place()
    require(viewer, Permission.APPROVE_ALERT, place)
    reason = _reason(reason)
    newest = queries.newest_version(name, place)
    if (newest.id if newest is not None else 0) != based_on:
        raise CHANGED_MEANWHILE()
    plain = None
    if policy is not None:
        named = {**policy, "name": name, "version": "", "label_zh": "本县规则", "verified": False}
        plain = calls.read_policy(named)
        _check_levels(name, plain)
    if (newest.policy if newest is not None else None) == plain:
        raise NOTHING_CHANGED()
    fact = record(
        POLICY_ADOPTED,
        fields={"name": name, "policy": plain, "based_on": based_on, "reason": reason},
        scope=place,
        viewer=viewer,
    )
    on_commit_notify("policies", {"verb": "adopted", "name": name})
    return {"version": str(fact.entity())}


def _check_levels(name: str, plain: Mapping[str, Any]) -> None:
    """一呼到底 only in red: whoever else is asked for an answer is asked level by level."""
    usual = calls.default_plain()[name]["hand_on_s"]
    if name in ALL_AT_ONCE or not (usual or plain["needs_answer"] or plain["hand_on_s"]):
        return
    for level, row in LEVEL_ROWS.items():
        if level not in plain["hand_on_s"]:
            colour, colour_en = POLICY_WORDS[name]
            raise LEVEL_WITHOUT_TIME(colour=colour, colour_en=colour_en, row=row, field=level)


@command
def state_lines(*, viewer: Viewer, lines: int, seconds_a_call: int, reason: str) -> dict[str, Any]:
    """How many telephone lines the county has, and how long a call takes one."""
    place = queries.own_place()
    require(viewer, Permission.APPROVE_ALERT, place)
    in_range = 1 <= lines <= rules.LINES_MAX
    if not in_range or not SECONDS_A_CALL_MIN <= seconds_a_call <= rules.SECONDS_A_CALL_MAX:
        raise LINES_OUT_OF_RANGE(lines=rules.LINES_MAX, seconds=rules.SECONDS_A_CALL_MAX)
    record(
        LINES_STATED,
        fields={"lines": lines, "seconds_a_call": seconds_a_call, "reason": _reason(reason)},
        scope=place,
        viewer=viewer,
    )
    on_commit_notify("policies", {"verb": "lines"})
    return {"lines": lines, "seconds_a_call": seconds_a_call}


@command
def adopt_template(
    *,
    viewer: Viewer,
    name: str,
    texts: Sequence[Mapping[str, Any]],
    based_on: int,
    reason: str,
) -> dict[str, Any]:
    """New words of a message: [{"code", "language", "spoken_only", "text"}], Chinese first.

    Refused where a blank is unknown, Chinese is missing, or one of the eight elements is said in
    no language. Returns {"version"}.
    """
    place = queries.own_place()
    require(viewer, Permission.APPROVE_ALERT, place)
    if name not in set(TemplateName):
        raise TEMPLATE_REFUSED(why=name[: rules.NAME_CHARACTERS_MAX])
    clean = _clean_texts(name, texts)
    newest = TemplateVersion.objects.filter(name=name, place_code=place)
    last = newest.order_by("-hlc", "-id").first()
    if (last.id if last is not None else 0) != based_on:
        raise CHANGED_MEANWHILE()
    if last is not None and last.texts == clean:
        raise NOTHING_CHANGED()
    fact = record(
        TEMPLATE_ADOPTED,
        fields={"name": name, "texts": clean, "reason": _reason(reason)},
        scope=place,
        viewer=viewer,
    )
    on_commit_notify("policies", {"verb": "words", "name": name})
    return {"version": str(fact.entity())}


def _clean_texts(name: str, texts: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    clean: list[list[Any]] = []
    for one in texts:
        code, text = str(one.get("code", "")).strip(), str(one.get("text", "")).strip()
        language = str(one.get("language", "")).strip()
        if not code or not language or not text:
            raise TEMPLATE_REFUSED(why="每种语言都要有名称和正文")
        if max(len(code), len(language)) > rules.NAME_CHARACTERS_MAX:
            raise TEMPLATE_REFUSED(why=f"语言名称最多 {rules.NAME_CHARACTERS_MAX} 字")
        if len(text) > rules.TEMPLATE_CHARACTERS_MAX:
            raise TEMPLATE_REFUSED(why=f"正文最多 {rules.TEMPLATE_CHARACTERS_MAX} 字")
        unknown = rules.unknown_slots(text)
        if unknown:
            raise TEMPLATE_REFUSED(why=f"没有“{{{unknown[0][:20]}}}”这个空")
        clean.append([code, language, bool(one.get("spoken_only")), text])
    codes = [one[0] for one in clean]
    if _CHINESE not in codes or len(codes) != len(set(codes)) or len(codes) > rules.LANGUAGES_MAX:
        raise TEMPLATE_REFUSED(why=f"要有普通话，每种语言一次，最多 {rules.LANGUAGES_MAX} 种")
    missing = rules.complete([one[3] for one in clean])
    if name != TemplateName.LIFTED and missing:
        words = {one.name: one.zh for one in rules.ELEMENTS}
        raise TEMPLATE_REFUSED(why="缺少" + "、".join(words[one] for one in missing))
    return sorted(clean, key=lambda one: one[0] != _CHINESE)


@command
def state_route(
    *,
    viewer: Viewer,
    household_id: int,
    need: str,
    way: str,
    person_id: int | None,
    language: str = "",
    note: str = "",
) -> dict[str, Any]:
    """How somebody reaches a household that a telephone does not: who goes, and how.

    What is needed, never why. A way that was changed is tried out anew. Returns {"household_id"}.
    """
    household = people.gate_household(household_id, viewer=viewer)
    require(viewer, Permission.EDIT_REGISTERS, household.place_code)
    if need not in set(Need):
        raise ROUTE_REFUSED(why="需要什么帮助")
    if way not in set(Way):
        raise ROUTE_REFUSED(why="怎么叫")
    language, note = language.strip(), note.strip()
    if need in (Need.DIALECT, Need.MINORITY_LANGUAGE) and not language:
        raise ROUTE_REFUSED(why="讲什么话")
    if len(language) > rules.NAME_CHARACTERS_MAX or len(note) > rules.NOTE_CHARACTERS_MAX:
        raise ROUTE_REFUSED(why=f"说明最多 {rules.NOTE_CHARACTERS_MAX} 字")
    if person_id is not None:
        people.person(person_id, viewer=viewer)
    record(
        ROUTE_STATED,
        fields={"household_id": household_id, "person_id": person_id},
        personal={"need": need, "language": language, "way": way, "note": note},
        scope=village_of(household.place_code),
        viewer=viewer,
        about=(household_id,),
    )
    on_commit_notify("policies", {"verb": "way"})
    return {"household_id": str(household_id)}


@command
def record_trial(
    *, viewer: Viewer, household_id: int, worked: bool, note: str = ""
) -> dict[str, Any]:
    """Somebody went that way in quiet times. Returns {"household_id", "worked"}."""
    household = people.gate_household(household_id, viewer=viewer)
    require(viewer, Permission.RECORD_HOUSEHOLD, household.place_code)
    row = HumanRoute.objects.filter(pk=household_id).first()
    if row is None or not row.person_id:
        raise NOTHING_TO_TRY()
    note = note.strip()
    if len(note) > rules.NOTE_CHARACTERS_MAX:
        raise ROUTE_REFUSED(why=f"说明最多 {rules.NOTE_CHARACTERS_MAX} 字")
    record(
        ROUTE_TRIED,
        fields={"household_id": household_id, "worked": worked},
        personal={"note": note},
        scope=village_of(household.place_code),
        viewer=viewer,
        about=(household_id,),
    )
    on_commit_notify("policies", {"verb": "way"})
    return {"household_id": str(household_id), "worked": worked}
