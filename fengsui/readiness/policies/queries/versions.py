"""Policies, lines and words: the version in force at a place, and those before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fengsui.engines.calls import services as calling
from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.people import queries as people
from fengsui.foundation.places import queries as places
from fengsui.readiness.policies import rules
from fengsui.readiness.policies.errors import NO_SUCH_POLICY
from fengsui.readiness.policies.models import Lines, PolicyVersion, TemplateVersion
from fengsui.readiness.policies.states import POLICY_WORDS, TEMPLATE_WORDS
from fengsui.standards.divisions import full_code, scope_prefix
from fengsui.standards.instants import to_iso

VERSIONS_SHOWN = 50
AREAS_MAX = 60
# What 勉县 contracted for (506 people in three minutes) as lines of 35 s: a default, shown as one.
DEFAULT_LINES = 100
DEFAULT_SECONDS_A_CALL = 35


def own_place() -> str:
    """The place whose rules this node keeps: its certificate's, else the topmost it holds."""
    scope = nodes.own().scope
    if scope:
        return full_code(scope)
    place = places.node_place()
    if place is None:
        raise NOT_FOUND()
    return str(place.code)


def version_in_force(name: str, place_code: str) -> PolicyVersion | None:
    """The latest version of the nearest place around `place_code` that has one of its own."""
    rows = PolicyVersion.objects.filter(name=name, place_code__in=_around(place_code))
    return max(rows, key=lambda row: (scope_prefix(row.place_code), row.hlc, row.id), default=None)


def newest_version(name: str, place_code: str) -> PolicyVersion | None:
    """The latest version of this very place."""
    rows = PolicyVersion.objects.filter(name=name, place_code=place_code)
    return rows.order_by("-hlc", "-id").first()


def _around(place_code: str) -> list[str]:
    return [full_code(place_code[:digits]) for digits in (6, 9, 12)]


def in_force(name: str, place_code: str) -> Mapping[str, Any] | None:
    """A plain policy with its version, as calls asks for it; None: the program's default."""
    row = version_in_force(name, place_code)
    if row is None or row.policy is None:
        return None
    return {**row.policy, "name": name, "version": str(row.id)}


def policies(*, viewer: Viewer) -> dict[str, Any]:
    """Every policy of this node's place: what is in force, the default, its versions, newest first.

    {"place_code", "items": [{"name", "zh", "en", "policy", "default", "version", "versions"}],
    "areas": where one may try on paper, "may_adopt"}.
    """
    place = own_place()
    _see(viewer, place)
    defaults = calling.default_plain()
    rows = list(PolicyVersion.objects.filter(place_code=place).order_by("-hlc", "-id"))
    names = people.person_names([row.adopted_by for row in rows], viewer=node_viewer())
    items = []
    for name, (zh, en) in POLICY_WORDS.items():
        own = [row for row in rows if row.name == name]
        current = in_force(name, place)
        items.append(
            {
                "name": name,
                "zh": zh,
                "en": en,
                "policy": _readable(current) or defaults[name],
                "default": defaults[name],
                "version": str(own[0].id) if own else "0",
                "is_default": current is None,
                "is_readable": current is None or _readable(current) is not None,
                "versions": [_version(row, names) for row in own[:VERSIONS_SHOWN]],
            }
        )
    return {
        "place_code": place,
        "items": items,
        "areas": areas(viewer=viewer),
        "may_adopt": _may_adopt(viewer, place),
    }


def areas(*, viewer: Viewer) -> list[dict[str, str]]:
    """Townships, or villages of one's own, for which this viewer may try a policy on paper."""
    below = places.places_below(own_place(), viewer=viewer)
    mine = [one for one in below if viewer.may(Permission.DRAFT_ALERT, one.code)]
    townships = [one for one in mine if one.level == "township"]
    return [{"code": one.code, "name": one.name} for one in townships or mine][:AREAS_MAX]


def _readable(plain: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """In full form; None where this program cannot read it and therefore rings by the default."""
    try:
        return calling.read_policy(plain) if plain is not None else None
    except Problem:
        return None


def _version(row: PolicyVersion | TemplateVersion, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "at": to_iso(row.adopted_at),
        "by": names.get(row.adopted_by, "系统"),
        "reason": row.reason,
        "policy": row.policy if isinstance(row, PolicyVersion) else None,
        "texts": row.texts if isinstance(row, TemplateVersion) else [],
    }


def _see(viewer: Viewer, place: str) -> None:
    """Whoever sees calls anywhere under this place: its rules are no secret from its villages."""
    own = scope_prefix(place)
    if not any(
        one.prefix.startswith(own) or own.startswith(one.prefix)
        for one in viewer.scopes(Permission.SEE_CALLS)
    ):
        raise NOT_FOUND()


def _may_adopt(viewer: Viewer, place: str) -> bool:
    return viewer.may(Permission.APPROVE_ALERT, place)


def lines(place_code: str) -> dict[str, Any]:
    """{"lines", "seconds_a_call", "is_default", "reason", "at"} of a place."""
    rows = Lines.objects.filter(place_code__in=_around(place_code))
    row = max(rows, key=lambda one: (scope_prefix(one.place_code), one.hlc, one.id), default=None)
    if row is None:
        return {
            "lines": DEFAULT_LINES,
            "seconds_a_call": DEFAULT_SECONDS_A_CALL,
            "is_default": True,
            "reason": "",
            "at": None,
        }
    return {
        "lines": row.lines,
        "seconds_a_call": row.seconds_a_call,
        "is_default": False,
        "reason": row.reason,
        "at": to_iso(row.stated_at),
    }


def first_round(place_code: str, people: int) -> dict[str, Any]:
    """How long the first round to `people` takes with the lines of a place, as on paper.

    {"estimate_minutes", "lines", "seconds_a_call", "lines_are_default"}; minutes rounded up.
    """
    stated = lines(place_code)
    seconds = rules.round_s(people, stated["lines"], stated["seconds_a_call"])
    return {
        "estimate_minutes": -(-seconds // 60),
        "lines": stated["lines"],
        "seconds_a_call": stated["seconds_a_call"],
        "lines_are_default": stated["is_default"],
    }


def lines_of_this_node(*, viewer: Viewer) -> dict[str, Any]:
    """As `lines`, for this node's place; for whoever sees its calls."""
    place = own_place()
    _see(viewer, place)
    return {**lines(place), "may_adopt": _may_adopt(viewer, place)}


def known_policy(name: str) -> str:
    """The name itself. Raises policies.no_such_policy."""
    if name not in POLICY_WORDS:
        raise NO_SUCH_POLICY(name=name)
    return name


def templates(*, viewer: Viewer) -> dict[str, Any]:
    """The words of each message in force, checked, with their versions, newest first."""
    place = own_place()
    _see(viewer, place)
    rows = list(TemplateVersion.objects.filter(place_code=place).order_by("-hlc", "-id"))
    names = people.person_names([row.adopted_by for row in rows], viewer=node_viewer())
    items = []
    for name, (zh, en) in TEMPLATE_WORDS.items():
        own = [row for row in rows if row.name == name]
        texts = own[0].texts if own else rules.DEFAULT_TEXTS[name]
        items.append(
            {
                "name": name,
                "zh": zh,
                "en": en,
                "is_default": not own,
                "version": str(own[0].id) if own else "0",
                "texts": [
                    {
                        "code": code,
                        "language": language,
                        "spoken_only": spoken,
                        "text": text,
                        "check": rules.check_text(text),
                    }
                    for code, language, spoken, text in texts
                ],
                "versions": [_version(row, names) for row in own[:VERSIONS_SHOWN]],
            }
        )
    slots = [
        {"name": one.name, "zh": one.zh, "en": one.en, "example": one.example}
        for one in (*rules.ELEMENTS, *rules.FURTHER)
    ]
    return {"items": items, "slots": slots, "may_adopt": _may_adopt(viewer, place)}


def texts_in_force(name: str, place_code: str) -> list[list[Any]]:
    """[[code, language, spoken only, text], …] of the nearest place that has its own."""
    rows = TemplateVersion.objects.filter(name=name, place_code__in=_around(place_code))
    row = max(rows, key=lambda one: (scope_prefix(one.place_code), one.hlc, one.id), default=None)
    return list(row.texts) if row is not None else [list(one) for one in rules.DEFAULT_TEXTS[name]]
