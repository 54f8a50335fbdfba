"""Rows of the situation as the API shows them, with the names that belong to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.response.situation import queries, rules
from fengsui.response.situation.models import Headcount, MovedFirst, QuickReport, Sos, Statement
from fengsui.response.situation.states import (
    CONTACT_PATHS,
    HEADCOUNT_NUMBERS,
    RELAY_PATHS,
    REPORT_CUTS,
    REPORT_NUMBERS,
    SIGNS,
    SOS_OUTCOMES,
)
from fengsui.standards.instants import to_iso


class Shown:
    """Names looked up once for a whole list."""

    def __init__(self, rows: list[Any], people: set[int] | None = None) -> None:
        wanted = {row.recorded_by for row in rows} | (people or set())
        # A name at the foot of a statement belongs to the statement: whoever sees one sees both.
        self.people = person_names([one for one in wanted if one], viewer=node_viewer())
        self.places = names({row.place_code for row in rows}, viewer=node_viewer())

    def common(self, row: Statement) -> dict[str, Any]:
        zh, en = RELAY_PATHS.get(row.path, ("", ""))
        return {
            "id": row.client_id,
            "place_code": row.place_code,
            "place_name": self.places.get(row.place_code, ""),
            "at": to_iso(row.at),
            "recorded_at": to_iso(row.recorded_at),
            "recorded_by_name": self.people.get(row.recorded_by, ""),
            "is_provisional": row.is_provisional,
            "path": row.path,
            "path_word_zh": zh,
            "path_word_en": en,
        }


def sos_shown(row: Sos, shown: Shown) -> dict[str, Any]:
    zh, en = SOS_OUTCOMES.get(row.outcome, ("", ""))
    words = rules.words_of_needs(row.need)
    return {
        **shown.common(row),
        "lon": None if row.lon_e7 is None else row.lon_e7 / 10_000_000,
        "lat": None if row.lat_e7 is None else row.lat_e7 / 10_000_000,
        "people": row.people,
        "injured": row.injured,
        "need": row.need,
        "need_words_zh": [word for word, _ in words],
        "need_words_en": [word for _, word in words],
        "text": row.text,
        "closed_at": to_iso(row.closed_at) if row.closed_at else None,
        "outcome": row.outcome,
        "outcome_word_zh": zh,
        "outcome_word_en": en,
    }


def headcount_shown(row: Headcount, shown: Shown, counted: set[tuple[str, int]]) -> dict[str, Any]:
    return {
        **shown.common(row),
        "evacuation_id": str(row.evacuation_id) if row.evacuation_id else None,
        "series": row.series,
        "is_counted": (row.place_code, row.series) in counted,
        **{name: getattr(row, name) for name in HEADCOUNT_NUMBERS},
    }


def report_shown(row: QuickReport, shown: Shown) -> dict[str, Any]:
    return {
        **shown.common(row),
        "disaster": row.disaster,
        **{name: getattr(row, name) for name in (*REPORT_NUMBERS, *REPORT_CUTS)},
        "needs": [{"code": code, "amount": amount} for code, amount in row.needs],
    }


def moved_shown(row: MovedFirst, shown: Shown) -> dict[str, Any]:
    zh, en = SIGNS.get(row.sign, (row.sign, row.sign))
    return {
        **shown.common(row),
        "sign": row.sign,
        "sign_word_zh": zh,
        "sign_word_en": en,
        "gauge_value_mm": row.gauge_value_mm,
        "danger_area_ids": [str(one) for one in row.danger_area_ids],
        "by_name": shown.people.get(row.by, ""),
        "alert_id": str(row.alert_id) if row.alert_id else None,
        "evacuation_id": str(row.evacuation_id) if row.evacuation_id else None,
        "note": row.note,
    }


def contact_shown(row: queries.Contact, now: datetime) -> dict[str, Any]:
    path = row.word.path if row.word else ""
    zh, en = CONTACT_PATHS.get(path, (path, path))
    heard_at = row.word.at if row.word else None
    return {
        "place_code": row.place_code,
        "place_name": row.name,
        "level": row.level,
        "state": row.state.value,
        "last_heard_at": to_iso(heard_at) if heard_at else None,
        "path": path,
        "path_word_zh": zh,
        "path_word_en": en,
        "silent_s": max(0, int((now - heard_at).total_seconds())) if heard_at else None,
        "expected_calls": row.calls,
        "expected_households": row.households,
        "lost_at": to_iso(row.lost_at) if row.lost_at else None,
    }
