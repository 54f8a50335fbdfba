"""Which rows of a ledger match a question, and by which index they are found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import Scope, Viewer
from fengsui.foundation.ledgers.errors import BAD_QUERY
from fengsui.foundation.ledgers.facts import WITHDRAWN
from fengsui.foundation.ledgers.queries.shape import has
from fengsui.foundation.ledgers.rules import PAGE_DEFAULT, Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind, Filter, RowState
from fengsui.standards.divisions import is_division_code

WEIGHED_MAX = 50_000  # so far rows are counted to tell the narrower of place and filters
SCAN_MAX = 10_000  # rows among which a text is looked for anywhere, not only at the beginning
TEXT_LENGTH_MAX = 60
VALUE_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What of a ledger is asked for. `where`: {column: value, or [from, to] of a range}."""

    limit: int = PAGE_DEFAULT
    after: str = ""
    order: str = ""
    under: str = ""
    q: str = ""
    state: str = RowState.CURRENT
    where: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """How the rows are found: the one field whose index is used, "" for the filters' own.

    Conditions on other fields are written so that no index serves them: without statistics a
    database takes the place's index for a whole county, or a filter's for one village.
    """

    by: str
    is_narrow: bool
    is_bounded: bool = False  # at most WEIGHED_MAX rows are looked at, whatever matches

    @property
    def text_match(self) -> str:
        return "contains" if self.is_narrow else "begins"


def way_to(ledger: Ledger, asked: PageRequest, viewer: Viewer) -> Way:
    """By the place where few rows lie there, or fewer than the filters leave; else by these."""
    place, model = ledger.register.place, ledger.register.model
    if not asked.where and not asked.q.strip():
        return Way(by=place, is_narrow=True)
    there = model._default_manager.filter(_reach(ledger, asked, viewer))
    rows_there = there[: WEIGHED_MAX + 1].values(place).count()
    if rows_there <= SCAN_MAX:
        return Way(by=place, is_narrow=True, is_bounded=True)
    by_filters = Way(by="", is_narrow=False)
    left = model._default_manager.filter(*_filters(ledger, asked, lambda field: field, by_filters))
    rows_left = left[: WEIGHED_MAX + 1].values("pk").count()
    is_fewer = rows_there < rows_left
    return Way(by=place, is_narrow=False, is_bounded=True) if is_fewer else by_filters


def _reach(ledger: Ledger, asked: PageRequest, viewer: Viewer, field: str = "") -> Q:
    """The rows of the subtrees that are both in sight and asked for, as one range of codes each:
    of two ranges on one field a database uses one, and not always the narrower."""
    place = ledger.register.place
    scopes = [scope.prefix for scope in viewer.scopes(ledger.see)]
    codes = [asked.under] if asked.under else []
    for name, value in (asked.where or {}).items():
        column = ledger.column(name)
        if column is not None and column.filter is Filter.UNDER and column.attribute == place:
            codes.append(str(value))
    for code in codes:
        if not is_division_code(code):
            raise BAD_QUERY(zh=f"“{code}”不是区划代码", en=f"{code!r} is not the code of a place")
        prefix = Scope.of(code).prefix
        scopes = [max(one, prefix, key=len) for one in scopes if _meet(one, prefix)]
    # A grant inside another adds nothing.
    widest = [
        one for one in dict.fromkeys(scopes) if not any(_inside(one, each) for each in scopes)
    ]
    return in_scopes(field or place, tuple(Scope(one) for one in widest))


def _meet(left: str, right: str) -> bool:
    return left.startswith(right) or right.startswith(left)


def _inside(inner: str, outer: str) -> bool:
    return inner != outer and inner.startswith(outer)


def matching(ledger: Ledger, asked: PageRequest, viewer: Viewer, way: Way) -> QuerySet[Any]:
    """The rows in sight that match."""
    model, place = ledger.register.model, ledger.register.place
    rows: QuerySet[Any] = model._default_manager.all()
    free = {way.by} if way.by else {one.attribute for one in ledger.columns} - {place}
    is_withdrawn_only = asked.state == RowState.WITHDRAWN and not asked.under
    wrapped: dict[str, Any] = {}

    def named(field: str) -> str:
        # The few withdrawn rows have an index of their own, better than any place's.
        if field in free and not (field == place and is_withdrawn_only):
            return field
        wrapped[f"{field}_value"] = Coalesce(F(field), F(field))
        return f"{field}_value"

    conditions = [
        _reach(ledger, asked, viewer, named(place)),
        in_state(model, asked.state),
        *_filters(ledger, asked, named, way),
    ]
    found: QuerySet[Any] = rows.annotate(**wrapped).filter(*conditions)
    return found


def _filters(ledger: Ledger, asked: PageRequest, named: Callable[[str], str], way: Way) -> list[Q]:
    """The conditions beside place and state; `named` says how a field is written."""
    conditions = []
    for name, value in (asked.where or {}).items():
        column = _filterable(ledger, name)
        if column.attribute != ledger.register.place or column.filter is not Filter.UNDER:
            conditions.append(_where(column, named(column.attribute), value))
    if asked.q.strip():
        conditions.append(_text(ledger, asked.q.strip(), named, way))
    return conditions


def in_state(model: type[models.Model], state: str) -> Q:
    if state == RowState.ALL:
        return Q()
    is_current = Q(**{WITHDRAWN: False}) if has(model, WITHDRAWN) else Q(until_at__isnull=True)
    if state == RowState.CURRENT:
        return is_current
    if state == RowState.WITHDRAWN:
        # Always true, and in no index: else a database walks through all places by an index that
        # happens to hold every column asked for, instead of the small one of withdrawn rows.
        in_no_index = Q(field_clock__gte="")
        is_gone = Q(**{WITHDRAWN: True}) if has(model, WITHDRAWN) else Q(until_at__isnull=False)
        return is_gone & in_no_index
    raise BAD_QUERY(zh=f"没有“{state}”这种状态", en=f"there is no state {state!r}")


def _text(ledger: Ledger, text: str, named: Callable[[str], str], way: Way) -> Q:
    if len(text) > TEXT_LENGTH_MAX:
        raise BAD_QUERY(zh="查找的文字太长", en="the text is too long")
    condition = Q(pk__in=[])
    for column in ledger.columns:
        if column.name in ledger.text and column.is_stored:
            field = named(column.attribute)
            found = Q(**{f"{field}__contains": text}) if way.is_narrow else _begins(field, text)
            condition |= found
    return condition


def _begins(field: str, text: str) -> Q:
    """A range, so that the index serves it: LIKE does not, where case counts."""
    return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\U0010ffff"})


def _filterable(ledger: Ledger, name: str) -> Column:
    column = ledger.column(name)
    if column is None or column.filter is Filter.NONE or not column.is_stored:
        raise BAD_QUERY(zh=f"不能按“{name}”筛选", en=f"rows cannot be filtered by {name!r}")
    return column


def _where(column: Column, field: str, value: Any) -> Q:
    if column.filter is Filter.RANGE:
        return _range(column, field, value)
    if column.filter is Filter.UNDER:
        if not is_division_code(str(value)):
            raise BAD_QUERY(zh=f"“{column.zh}”的筛选有误", en=f"the filter of {column.en}")
        return in_scopes(field, (Scope.of(str(value)),))
    if column.filter is Filter.CONTAINS:
        if not isinstance(value, str) or not 0 < len(value) <= TEXT_LENGTH_MAX:
            raise BAD_QUERY(zh=f"“{column.zh}”的筛选有误", en=f"the filter of {column.en}")
        return _begins(field, value)
    return Q(**{field: _equal(column, value)})


def _equal(column: Column, value: Any) -> Any:
    if column.kind is ColumnKind.REFERENCE:
        if isinstance(value, (str, int)) and str(value).isdigit() and int(value) < 1 << 63:
            return int(value)
        is_known = False
    elif column.kind is ColumnKind.CHOICE:
        is_known = str(value) in {one.value for one in column.choices}
    else:
        is_known = isinstance(value, (str, int)) and len(str(value)) <= VALUE_LENGTH_MAX
    if is_known:
        return value
    raise BAD_QUERY(zh=f"“{column.zh}”的筛选有误", en=f"the filter of {column.en}")


def _range(column: Column, field: str, value: Any) -> Q:
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    if not is_pair or not all(one is None or type(one) is int for one in value):
        raise BAD_QUERY(zh=f"“{column.zh}”应为范围", en=f"{column.en} needs a range")
    low, high = value
    condition = Q()
    for bound, suffix in ((low, "gte"), (high, "lte")):
        if bound is not None:
            if abs(bound) >= 1 << 53:
                raise BAD_QUERY(zh=f"“{column.zh}”应为范围", en=f"{column.en} needs a range")
            moment = column.kind is ColumnKind.MOMENT
            condition &= Q(**{f"{field}__{suffix}": _moment(bound) if moment else bound})
    return condition


def _moment(second: int) -> datetime:
    try:
        return datetime.fromtimestamp(second, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BAD_QUERY(zh="时间有误", en="not a moment") from error


def filtered(ledger: Ledger, viewer: Viewer, asked: PageRequest) -> QuerySet[Any]:
    """The rows in sight that match, in the order of their id, for the program to read or count."""
    return matching(ledger, asked, viewer, way_to(ledger, asked, viewer)).order_by("pk")
