"""In which words a message is said: those of the language a household understands, or the standard.

Pure. A callout freezes its texts when it opens, a party the language, so that what was said can be
told afterwards from the same two values.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Said(NamedTuple):
    """A text, and the name of its language; "" where it is the standard text."""

    text: str
    language: str


def same_language(name: str) -> str:
    """Two ways to write one language's name are equal in this form."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def text_for(
    texts: Iterable[Sequence[Any]], standard: str, language: str, *, is_voice: bool
) -> Said:
    """What somebody who understands `language` is told on a channel.

    `texts`: [[code, language, spoken only, text], …] besides the standard one. What is spoken only
    cannot be written; whoever understands no language that is there gets the standard text.
    """
    wanted = same_language(language)
    if wanted:
        for code, name, spoken_only, text in texts:
            if wanted in (same_language(code), same_language(name)) and (
                is_voice or not spoken_only
            ):
                return Said(text, name)
    return Said(standard, "")
