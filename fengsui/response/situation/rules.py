"""Pure: what one statement must hold, which of several counts, how a telegram names its fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengsui.response.situation.states import (
    HEADCOUNT_NUMBERS,
    NEEDS,
    REPORT_CUTS,
    REPORT_NUMBERS,
    ContactState,
)
from fengsui.standards.divisions import is_division_code, scope_prefix
from fengsui.standards.instants import BEIJING

PEOPLE_MAX = 100_000
NEEDS_MAX = 16
TEXT_CHARACTERS_MAX = 500
CODE_CHARACTERS_MAX = 64
SERIES_MAX = 255
GAUGE_MM_MAX = 100_000
E7_LONGITUDE_MAX = 1_800_000_000
E7_LATITUDE_MAX = 900_000_000
_EPOCH_BITS = 16


class UnreadableError(ValueError):
    """A statement that cannot be taken; the message names the field."""


def epoch_of(incarnation: int) -> int:
    """An incarnation folded to the 16 bits that a telegram has room for."""
    folded = 0
    while incarnation:
        folded ^= incarnation & (1 << _EPOCH_BITS) - 1
        incarnation >>= _EPOCH_BITS
    return folded


def reference_key(*, node: bytes, fact_class: int, audience: str, epoch: int, sequence: int) -> str:
    """How a fact and the telegram that stands for it find each other: the fact's own place."""
    return f"{node.hex()}:{fact_class}:{audience}:{epoch}:{sequence}"


def key_of_reference(reference: Mapping[str, Any] | None) -> str:
    """The key of a plain reference {"node", "class", "audience", "epoch", "seq"}; "" for none."""
    if not reference:
        return ""
    try:
        return reference_key(
            node=bytes(reference["node"]),
            fact_class=int(reference["class"]),
            audience=str(reference["audience"]),
            epoch=int(reference["epoch"]),
            sequence=int(reference["seq"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError("reference") from error


def _count(content: Mapping[str, Any], name: str, limit: int = PEOPLE_MAX) -> int:
    value = content.get(name) or 0
    if type(value) is not int or not 0 <= value <= limit:
        raise UnreadableError(name)
    return value


def _place(content: Mapping[str, Any]) -> str:
    code = content.get("place_code")
    if not isinstance(code, str) or not is_division_code(code):
        raise UnreadableError("place_code")
    return code


def _moment(content: Mapping[str, Any]) -> int:
    value = content.get("at_ms")
    if type(value) is not int or value < 0:
        raise UnreadableError("at_ms")
    return value


def _degrees(content: Mapping[str, Any], name: str, limit: int) -> int | None:
    value = content.get(name)
    if value is None:
        return None
    if type(value) is not int or abs(value) > limit:
        raise UnreadableError(name)
    return value


def _whole(content: Mapping[str, Any], name: str) -> int | None:
    value = content.get(name)
    if value is not None and type(value) is not int:
        raise UnreadableError(name)
    return value


def clean_sos(content: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an SOS, checked. Degrees in 1e-7. Raises UnreadableError."""
    return {
        "place_code": _place(content),
        "lon_e7": _degrees(content, "lon_e7", E7_LONGITUDE_MAX),
        "lat_e7": _degrees(content, "lat_e7", E7_LATITUDE_MAX),
        "people": _count(content, "people"),
        "injured": _count(content, "injured"),
        # A newer phone's word for a need must not cost anybody a call for help.
        "need": [str(one)[:CODE_CHARACTERS_MAX] for one in list(content.get("need") or ())][
            :NEEDS_MAX
        ],
        "at_ms": _moment(content),
        "device": str(content.get("device") or "")[:CODE_CHARACTERS_MAX],
        "text": str(content.get("text") or "")[:TEXT_CHARACTERS_MAX],
    }


def clean_headcount(content: Mapping[str, Any]) -> dict[str, Any]:
    """The nine numbers of a headcount. 应转 = 已转 + 外出 + 未转 holds in whatever comes out.

    More may have moved than the list knew of; then more should have.
    """
    numbers = {name: _count(content, name) for name in HEADCOUNT_NUMBERS}
    numbers["should"] = max(numbers["should"], numbers["moved"] + numbers["away"])
    numbers["not_yet"] = numbers["should"] - numbers["moved"] - numbers["away"]
    return {
        "place_code": _place(content),
        "evacuation_id": _whole(content, "evacuation_id"),
        "series": _count(content, "series", SERIES_MAX),
        "at_ms": _moment(content),
        **numbers,
    }


def clean_report(content: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a quick disaster report; `needs` are [[code, amount], ...]."""
    needs = []
    for row in list(content.get("needs") or ())[:NEEDS_MAX]:
        code, amount = list(row)
        if type(amount) is not int or not 0 <= amount <= PEOPLE_MAX:
            raise UnreadableError("needs")
        needs.append([str(code)[:CODE_CHARACTERS_MAX], amount])
    return {
        "place_code": _place(content),
        "at_ms": _moment(content),
        "disaster": str(content.get("disaster") or "")[:CODE_CHARACTERS_MAX],
        **{name: _count(content, name) for name in REPORT_NUMBERS},
        **{name: bool(content.get(name)) for name in REPORT_CUTS},
        "needs": needs,
    }


# A lost village is named before a quarter of an hour is over (county rule, R92): silence of
# fourteen minutes, and the watch looks every fifteen seconds.
SILENT_AFTER = timedelta(minutes=14)


@dataclass(frozen=True, slots=True)
class Word:
    """When a place was last heard of, and by which path."""

    at: datetime
    path: str


def newest(words: Iterable[Word]) -> Word | None:
    return max(words, key=lambda word: (word.at, word.path), default=None)


def contact_state(
    *, word: Word | None, expected_since: datetime | None, is_named: bool, now: datetime
) -> ContactState:
    """A place is silent only while something is expected of it, counted from then on."""
    if is_named:
        return ContactState.LOST
    if expected_since is None:
        return ContactState.QUIET
    heard_at = max(expected_since, word.at) if word else expected_since
    return ContactState.SILENT if now - heard_at >= SILENT_AFTER else ContactState.IN_CONTACT


def words_of_moving_first(
    sign_zh: str, gauge_value_mm: int | None, moved_at: datetime, note: str
) -> str:
    """What the red call says: when, on what sign, and what was added."""
    read = "" if gauge_value_mm is None else f" {gauge_value_mm} 毫米"
    clock = moved_at.astimezone(BEIJING).strftime("%H:%M")
    said = f"{clock} 凭{sign_zh}{read}先行转移，危险区群众现在转移。"
    return f"{said}{note}" if note else said


CLEAN = {"sos": clean_sos, "headcount": clean_headcount, "quick_report": clean_report}


def words_of_needs(needs: Iterable[str]) -> list[tuple[str, str]]:
    """Needs as people say them; an unknown code as it came."""
    return [NEEDS.get(one, (one, one)) for one in needs]


@dataclass(frozen=True, slots=True)
class Counted:
    """One place's newest headcount of one series."""

    place_code: str
    series: int
    numbers: Mapping[str, int]


def counted_once(rows: Iterable[Counted]) -> set[tuple[str, int]]:
    """(place, series) of those that add up to a total: where places below have spoken, the
    statement of the place above is shown beside them and not added to them."""
    all_rows = list(rows)
    prefixes = [(row.series, scope_prefix(row.place_code)) for row in all_rows]
    return {
        (row.place_code, row.series)
        for row, (series, prefix) in zip(all_rows, prefixes, strict=True)
        if not any(
            other_series == series and other != prefix and other.startswith(prefix)
            for other_series, other in prefixes
        )
    }
