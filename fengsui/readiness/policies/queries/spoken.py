"""What is said in other languages than the standard text, and how many households need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.readiness.policies import rules
from fengsui.readiness.policies.models import HumanRoute
from fengsui.readiness.policies.queries.versions import texts_in_force
from fengsui.readiness.policies.states import NEEDS_A_LANGUAGE, TemplateName
from fengsui.standards.divisions import scope_prefix

STANDARD_CODE = "zh"


def spoken_texts(
    name: str, place_code: str, values_of: Callable[[Collection[str]], Mapping[str, str]]
) -> list[list[Any]]:
    """[[code, language, spoken only, text], …] of the county's words in other languages, filled.

    Only those that were checked: every blank has a value, and the text alone says all eight
    elements (of a lifting it need not). The standard text is not among them. `values_of` is asked
    once for the blanks that there are, if there are such texts at all.
    """
    needs_all = name != TemplateName.LIFTED
    texts = [one for one in texts_in_force(name, place_code) if one[0] != STANDARD_CODE]
    if not texts:
        return []
    values = values_of({slot for *_, text in texts for slot in rules.slots_in(text)})
    return [
        [code, language, spoken_only, rules.filled(text, values)]
        for code, language, spoken_only, text in texts
        if rules.can_be_said(text, values, needs_all=needs_all)
    ]


def spoken_on_paper(place_code: str) -> list[list[Any]]:
    """As `spoken_texts` of a warning, with the blanks filled by examples."""
    values = {name: slot.example for name, slot in rules.SLOTS.items()}
    return spoken_texts(TemplateName.WARNING.value, place_code, lambda _: values)


def has_words(texts: Sequence[Sequence[Any]], language: str) -> bool:
    return bool(calls.text_for(texts, "", language, is_voice=True).language)


def languages_needed(
    household_ids: Collection[int], place_code: str, texts: Sequence[Sequence[Any]]
) -> list[dict[str, Any]]:
    """Of these households under a place, what they understand: [{"language", "households",
    "text": what they are told on the telephone; "": nothing is there, somebody goes}]."""
    wanted = set(household_ids)
    rows = HumanRoute.objects.filter(
        place_code__startswith=scope_prefix(place_code),
        need__in=[need.value for need in NEEDS_A_LANGUAGE],
    ).exclude(language="")
    counted = Counter(
        language for pk, language in rows.values_list("id", "language") if pk in wanted
    )
    return [
        {
            "language": language,
            "households": count,
            "text": calls.text_for(texts, "", language, is_voice=True).text,
        }
        for language, count in sorted(counted.items())
    ]
