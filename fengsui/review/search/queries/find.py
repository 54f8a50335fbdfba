"""One question → what the viewer may see of what answers it.

Every answer passes two gates: the index is asked only for the viewer's townships and places,
and the row itself is read again under the viewer's rights before anything of it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.journal.models import StoredFact
from fengsui.review.search import rules
from fengsui.review.search.errors import QUESTION_TOO_SHORT
from fengsui.review.search.models import SearchKey, SearchProgress, SearchUnit
from fengsui.review.search.queries import rows, shown
from fengsui.review.search.rules import Term, TermKind
from fengsui.review.search.states import Kind
from fengsui.standards.divisions import TOWNSHIP_DIGITS
from fengsui.standards.pinyin import readings_of

PER_KIND_MAX = 8  # answers of one register that a screen shows
CANDIDATES_MAX = 120  # of one register that are looked at more closely
PLACES_MAX = 40  # places that a word of the question may name

PERMISSIONS = {
    Kind.PLACE: Permission.SEE_PLACES,
    Kind.PERSON: Permission.SEE_PEOPLE,
    Kind.POST: Permission.SEE_PEOPLE,
    Kind.HOUSEHOLD: Permission.SEE_HOUSEHOLDS,
    Kind.VENUE: Permission.SEE_PEOPLE,
    Kind.DANGER_AREA: Permission.SEE_HOUSEHOLDS,
}
# Whose telephone number a row carries: asking by digits asks for personal data.
_WITH_NUMBERS = (Kind.PERSON, Kind.HOUSEHOLD)


@dataclass(frozen=True, slots=True)
class Index:
    """The keys, with the townships that anything is indexed in: read once for a question."""

    units: Sequence[str]

    def candidates(self, kind: Kind, term: Term, scopes: Sequence[Scope]) -> list[int]:
        """Ids whose keys begin as the term does, whole keys first, at most CANDIDATES_MAX."""
        if not scopes:
            return []
        keys = SearchKey.objects.filter(self._within(scopes), kind=kind)
        exact = keys.filter(key=term.key).values_list("entity", flat=True)[:CANDIDATES_MAX]
        found = dict.fromkeys(exact)
        if len(found) < CANDIDATES_MAX and not term.is_whole:
            prefix = keys.filter(key__gt=term.key, key__lt=rules.successor(term.key))
            found |= dict.fromkeys(prefix.values_list("entity", flat=True)[:CANDIDATES_MAX])
        return list(found)[:CANDIDATES_MAX]

    def _within(self, scopes: Sequence[Scope]) -> Q:
        """Whole townships by their unit, narrower scopes by their place codes within it."""
        whole = {
            unit
            for unit in self.units
            for scope in scopes
            if len(scope.prefix) <= TOWNSHIP_DIGITS and unit.startswith(scope.prefix)
        }
        condition = Q(unit__in=sorted(whole))
        for scope in scopes:
            if len(scope.prefix) > TOWNSHIP_DIGITS and scope.prefix[:TOWNSHIP_DIGITS] not in whole:
                inside = in_scopes("place_code", (scope,))
                condition |= Q(unit=scope.prefix[:TOWNSHIP_DIGITS]) & inside
        return condition


def find(
    question: str, *, viewer: Viewer, under: str = "", kinds: Iterable[Kind] = tuple(Kind)
) -> dict[str, Any]:
    """What answers the question: a name or a piece of one, pinyin or initials, the last digits
    of a number, a division code; several words narrow each other ("石坝 张三").

    {"items": [{"kind", "id", "title", "path", "detail", "place_code", "is_invented"}], "more":
     [kind], "behind": facts that the index has not read yet}; at most PER_KIND_MAX of each kind,
    whole names first. Raises search.question_too_short.
    """
    terms = rules.terms_of(question)
    if not terms or sum(len(term.text) for term in terms) < 2:
        raise QUESTION_TOO_SHORT()
    if not viewer.is_node:
        terms = [rules.unguessable(term) for term in terms]
    items: list[dict[str, Any]] = []
    more: list[str] = []
    index = Index(list(SearchUnit.objects.values_list("unit", flat=True)))
    named = _places_named(index, terms, viewer, under) if len(terms) > 1 else {}
    for kind in sorted(kinds):
        ids = _answers(index, kind, terms, named, viewer, under)
        found = shown.rows(kind, ids, viewer=viewer)
        lead = terms[0] if len(terms) == 1 else max(terms, key=lambda one: len(one.text))
        found.sort(key=lambda row: (rules.rank(lead, row["title"]), len(row["title"]), row["id"]))
        items += found[:PER_KIND_MAX]
        if len(found) > PER_KIND_MAX:
            more.append(kind.ledger)
    return {"items": items, "more": more, "behind": _behind()}


def _behind() -> int:
    progress = SearchProgress.objects.filter(id=1).first()
    read = progress.arrival if progress else 0
    newest = StoredFact.objects.order_by("-arrival").values_list("arrival", flat=True).first()
    return max(0, (newest or 0) - read)


def _places_named(
    index: Index, terms: Sequence[Term], viewer: Viewer, under: str
) -> dict[Term, list[Scope]]:
    """The words of a question that name places in sight, with the subtrees they name."""
    named = {}
    for term in terms:
        if term.kind in (TermKind.TEXT, TermKind.SPELLING):
            codes = index.candidates(Kind.PLACE, term, _scopes(Kind.PLACE, viewer, under))
            if 0 < len(codes) <= PLACES_MAX:
                named[term] = [Scope.of(str(code)) for code in codes]
    return named


def _answers(
    index: Index,
    kind: Kind,
    terms: Sequence[Term],
    named: dict[Term, list[Scope]],
    viewer: Viewer,
    under: str,
) -> list[int]:
    allowed = _scopes(kind, viewer, under)
    if len(terms) == 1:
        return _by_term(index, kind, terms[0], allowed)
    best: list[int] = []
    for where in [None, *named]:
        rest = [term for term in terms if term is not where]
        scopes = allowed if where is None else _both(allowed, named[where])
        lead = max(rest, key=lambda one: len(one.text))
        ids = _by_term(index, kind, lead, scopes)
        others = [term for term in rest if term is not lead]
        best += _that_agree(kind, ids, others) if others else ids
    return list(dict.fromkeys(best))


def _by_term(index: Index, kind: Kind, term: Term, scopes: Sequence[Scope]) -> list[int]:
    if term.kind is TermKind.NUMBER and kind not in _WITH_NUMBERS:
        term = rules.also_code(term) or Term(TermKind.TEXT, term.text, term.text)
    return index.candidates(kind, term, scopes)


def _that_agree(kind: Kind, ids: Sequence[int], terms: Sequence[Term]) -> list[int]:
    return [
        one
        for one, entry in rows.entries(kind, ids).items()
        if all(rules.agrees(term, entry.text, entry.numbers, readings_of) for term in terms)
    ]


def _scopes(kind: Kind, viewer: Viewer, under: str) -> list[Scope]:
    allowed = viewer.scopes(PERMISSIONS[kind])
    return _both(allowed, [Scope.of(under)]) if under else list(allowed)


def _both(some: Sequence[Scope], others: Sequence[Scope]) -> list[Scope]:
    """The subtrees that lie in one of each: of two nested ones the narrower."""
    found = []
    for one in some:
        for other in others:
            if one.contains(other.prefix):
                found.append(other)
            elif other.contains(one.prefix):
                found.append(one)
    return list(dict.fromkeys(found))
