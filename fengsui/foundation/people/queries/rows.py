"""What the reads on people share: subtrees and long lists of ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from fengsui.foundation.access.listed import Values
from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import Scope
from fengsui.foundation.people import rules

IDS_PER_QUERY = 5_000  # SQLite takes 32,766 variables in a statement, PostgreSQL 65,535


def under(codes: Iterable[str]) -> Q:
    return in_scopes("place_code", tuple(Scope.of(code) for code in codes))


def chunked(ids: Iterable[int]) -> Iterable[Sequence[int]]:
    return map(Values, rules.chunks(list(dict.fromkeys(ids)), IDS_PER_QUERY))
