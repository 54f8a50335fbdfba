"""Whom a warning concerns: its area, the parties to be called, the households to move."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.people.queries import duty_phones
from fengsui.readiness.policies import queries as policies
from fengsui.registers.risks import queries as risks
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.rules import listed_venues
from fengsui.response.alerts.states import AlertKind
from fengsui.standards.coordinates import E7
from fengsui.standards.instants import BEIJING
from fengsui.standards.warning_levels import BY_COLOUR

EXERCISE_MARK = "【演练】"


def area_of(alert: Alert) -> dict[str, Any]:
    """{"codes": [...], "polygons": [[[lon, lat], …], …]} in degrees."""
    return {
        "codes": list(alert.area_codes),
        "polygons": [[[lon / E7, lat / E7] for lon, lat in ring] for ring in alert.polygons_e7],
    }


def concerned_by(alert: Alert) -> dict[str, Any]:
    """Danger areas, posts and venues of the warning area; other households only when ticked."""
    return risks.concerned(
        area=area_of(alert),
        viewer=node_viewer(),
        include_other_households=alert.include_other_households,
    )


def households_to_move(concerned: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of an evacuation list; of a household that is away altogether, the people away."""
    wanted = ("household_id", "place_code", "people", "assist_level", "shelter")
    return [
        {name: one[name] for name in wanted}
        | ({} if one["people"] or not one["away"] else {"people": one["away"]["away"]})
        for one in concerned["households"]
    ]


def parties_of(
    alert: Alert, concerned: dict[str, Any], texts: Sequence[Sequence[Any]]
) -> list[dict[str, Any]]:
    """Everyone to be called: post-holders, venues' contacts, danger households; each once.

    With the human ways to households that a telephone does not reach, or reaches in none of the
    languages of `texts`, which are those that the callout will say.
    """
    found = risks.parties(
        area=area_of(alert),
        viewer=node_viewer(),
        include_other_households=alert.include_other_households,
        found=concerned,
    )
    return policies.parties_with_ways(found, texts)


def slot_values(alert: Alert, concerned: dict[str, Any] | None = None) -> dict[str, str]:
    """What a warning fills into the blanks of the county's words, by their names.

    Whom it concerns says how many are to move, and where to if that is the same for all of them.
    """
    level = BY_COLOUR.get(alert.level)
    values = {
        "category": alert.category_name,
        "level": level.zh if level is not None else "",
        "starts_at": f"{_spoken(alert.starts_at)}起",
        "area": alert.area_description,
        "caution": alert.caution,
        "measures": alert.instruction,
        "issuer": alert.issuer,
        "issued_at": _spoken(alert.issued_at),
        "short": alert.short_text,
        **_moving(concerned),
    }
    # The words bring their own stops.
    return {name: said.strip().rstrip("。，；,;.") for name, said in values.items()}


def _moving(concerned: dict[str, Any] | None) -> dict[str, str]:
    households = concerned["households"] if concerned is not None else []
    people = sum(one["people"] for one in households)
    shelters = {one["shelter"] for one in households}
    return {
        "people": str(people) if people else "",
        "shelter": shelters.pop() or "" if len(shelters) == 1 else "",
    }


def _spoken(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{local.day}日{local.hour}时" + (f"{local.minute}分" if local.minute else "")


def texts_of(alert: Alert, concerned: dict[str, Any] | None = None) -> list[list[Any]]:
    """What is said in other languages, as `policies.spoken_texts`; an exercise says that it is."""
    name = "evacuation" if alert.kind == AlertKind.EVACUATION_INSTRUCTION else "warning"
    return _marked(alert, name, concerned)


def texts_that_hold(
    said: Sequence[Sequence[Any]], opened_for: Alert, concerned: dict[str, Any]
) -> list[Sequence[Any]]:
    """Of what a running callout says in other languages, that which is true of those `concerned`
    as well: it was written for whoever was concerned when the callout opened for that alert."""
    said_now = texts_of(opened_for, concerned)
    return [one for one in said if one in said_now]


def texts_when_over(alert: Alert) -> list[list[Any]]:
    """As above, for telling that it is over."""
    return _marked(alert, "lifted")


def _marked(alert: Alert, name: str, concerned: dict[str, Any] | None = None) -> list[list[Any]]:
    mark = EXERCISE_MARK if alert.exercise else ""

    def values_of(blanks: Collection[str]) -> dict[str, str]:
        phones = duty_phones(alert.place_code, viewer=node_viewer()) if "phone" in blanks else []
        return slot_values(alert, concerned) | {"phone": next((one["phone"] for one in phones), "")}

    found = policies.spoken_texts(name, alert.place_code, values_of)
    return [[*head, text if text.startswith(mark) else mark + text] for *head, text in found]


def preview(alert: Alert, viewer: Viewer | None = None) -> dict[str, Any]:
    """What the approver sees before anything is sent: counts by township and by need.

    `viewer`: who looks; venues that it may not see are counted and not listed.
    """
    concerned = concerned_by(alert)
    called = risks.called(concerned, viewer=node_viewer())
    shown = {
        key: concerned[key]
        for key in (
            "danger_households",
            "danger_people",
            "assist_households",
            "assist_people",
            "by_township",
            "posts",
            "without_point",
            "other_households",
        )
    }
    return {
        **shown,
        "parties": called["parties"],
        "without_number": called["without_number"],
        "venues": len(concerned["venues"]),
        "venue_list": listed_venues(concerned["venues"], viewer or node_viewer()),
        **policies.first_round(alert.place_code, called["with_number"]),
        "languages": policies.languages_needed(
            concerned["household_ids"], alert.place_code, texts_of(alert, concerned)
        ),
    }
