"""Values of rows in their plain form (see states.ColumnKind), from and to the model's fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from django.db import models

from fengsui.foundation.ledgers.rules import Column, Ledger, masked
from fengsui.foundation.ledgers.states import ColumnKind
from fengsui.standards.coordinates import E7

POINT_FIELDS = ("lon_e7", "lat_e7")


def fields_of(column: Column) -> tuple[str, ...]:
    """The fields of the model that hold a column; none for one of no single field."""
    if not column.is_stored:
        return ()
    return POINT_FIELDS if column.kind is ColumnKind.POINT else (column.attribute,)


def read_fields(ledger: Ledger, *, with_outlines: bool = True) -> list[str]:
    """What a row must be read with: its columns, and what every register's row has."""
    model = ledger.register.model
    names = [model._meta.pk.attname, "field_clock"]
    for column in ledger.columns:
        if with_outlines or column.kind is not ColumnKind.OUTLINE:
            names += fields_of(column)
    names += [name for name in ("is_withdrawn", "is_invented", "until_at") if has(model, name)]
    names.append(ledger.register.place)
    return list(dict.fromkeys(names))


def has(model: Any, name: str) -> bool:
    return any(one.attname == name for one in model._meta.concrete_fields)


def value_of(column: Column, row: Mapping[str, Any]) -> Any:
    """The plain value of a stored column in a row of the model's fields."""
    if column.kind is ColumnKind.POINT:
        lon, lat = (row[name] for name in POINT_FIELDS)
        return None if lon is None or lat is None else [lon, lat]
    value = row[column.attribute]
    if value is None or value == "":
        return None
    if column.kind is ColumnKind.OUTLINE:
        return json.loads(value)
    if column.kind is ColumnKind.CHOICE:
        return str(value)
    if isinstance(value, datetime):
        return int(value.timestamp())
    return value


def facts_of(ledger: Ledger, values: Mapping[str, Any]) -> dict[str, Any]:
    """{column: plain value} as {field: value of a fact}: no floats, null only where it may be."""
    said: dict[str, Any] = {}
    for name, value in values.items():
        column = ledger.column(name)
        if column is None or not column.is_stored:
            continue
        if column.kind is ColumnKind.POINT:
            lon, lat = value or (None, None)
            said |= {"lon_e7": lon, "lat_e7": lat}
        elif column.kind is ColumnKind.OUTLINE:
            said[column.attribute] = None if value is None else scaled(value)
        else:
            said[column.attribute] = _filled(ledger.register.model, column, value)
    return said


def _filled(model: Any, column: Column, value: Any) -> Any:
    field = cast("models.Field[Any, Any]", model._meta.get_field(column.attribute))
    if value is None:
        return nothing(model, column.attribute)
    if isinstance(value, str):
        value = value.strip()
        return int(value) if isinstance(field, models.IntegerField) else str(value)
    return value


def nothing(model: type[models.Model], name: str) -> Any:
    """What a field of the model holds where nobody has said anything."""
    field = cast("models.Field[Any, Any]", model._meta.get_field(name))
    if field.null:
        return None
    if isinstance(field, models.BooleanField):
        return False
    return 0 if isinstance(field, models.IntegerField) else ""


def fact_value(model: type[models.Model], name: str, held: Any) -> Any:
    """A value as the table holds it, in the form that facts hold: for “what stood there before”."""
    if isinstance(held, datetime):
        return int(held.timestamp())
    if name == "geometry" and isinstance(held, str):
        return scaled(json.loads(held))
    return held


def scaled(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """A GeoJSON geometry in degrees as the same shape in whole numbers of 1e-7 degree."""
    return {"type": geometry["type"], "coordinates": _scaled(geometry["coordinates"])}


def _scaled(nested: Any) -> Any:
    if isinstance(nested, list):
        return [_scaled(one) for one in nested]
    return round(nested * E7)


def shown_masked(column: Column, value: Any) -> Any:
    """The value as a page may show it: personal texts masked."""
    return masked(value) if column.is_personal and isinstance(value, str) else value
