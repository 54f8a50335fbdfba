"""The words of ledgers: kinds of columns, ways to filter, what a change set is."""

from __future__ import annotations

from enum import StrEnum


class ColumnKind(StrEnum):
    """What a column holds, and the plain form of its value inside the program.

    Over HTTP a reference is a string, since 63 bits do not fit a number of JavaScript.
    """

    TEXT = "text"  # str
    WHOLE = "whole"  # int
    CHOICE = "choice"  # str, one of the column's choices
    PLACE = "place"  # str: code of 12, 15 or 17 digits
    REFERENCE = "reference"  # int: id of a row of another ledger
    PHONE = "phone"  # str
    POINT = "point"  # [longitude, latitude], integers of 1e-7 degree, WGS-84
    OUTLINE = "outline"  # GeoJSON Polygon or MultiPolygon (RFC 7946), degrees WGS-84
    MOMENT = "moment"  # int: seconds since 1970, UTC
    FLAG = "flag"  # bool


class Filter(StrEnum):
    """How the rows of a ledger may be narrowed by a column."""

    NONE = "none"
    EQUALS = "equals"
    CONTAINS = "contains"  # the text begins with it, in large ledgers; see queries.paging
    RANGE = "range"  # [from, to], either may be null
    UNDER = "under"  # a place and everything below it


class RowState(StrEnum):
    """Which rows are shown."""

    CURRENT = "current"
    WITHDRAWN = "withdrawn"
    ALL = "all"


class ChangeSetKind(StrEnum):
    """Why several rows were written as one step."""

    IMPORT = "import"
    MERGE = "merge"
    EDIT = "edit"
    UNDO = "undo"
