"""Which of many names a text may be meant for, without comparing it with all of them. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache, cached_property

LOOKED_AT_MAX = 200  # names compared with one text
RATIO = 0.5
SAME_SOUND = 0.95


@cache
def sounds(text: str) -> tuple[str, ...]:
    """The syllables without tones: 石霸村 sounds like 石坝村."""
    from pypinyin import lazy_pinyin  # heavy; only where something did not match

    return tuple(lazy_pinyin(text))


class NearIndex:
    """Names by their signs and by their sound; made when the first text does not match."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(dict.fromkeys(names))

    @cached_property
    def _by_sign(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._names:
            for sign in set(name):
                found.setdefault(sign, []).append(name)
        return found

    @cached_property
    def _by_sound(self) -> dict[tuple[str, ...], list[str]]:
        found: dict[tuple[str, ...], list[str]] = {}
        for name in self._names:
            found.setdefault(sounds(name), []).append(name)
        return found

    def alike(self, wanted: str, ratio: float = RATIO) -> list[tuple[float, str]]:
        """(likeness up to 1, name), the likeliest first."""
        scored = {name: SAME_SOUND for name in self._by_sound.get(sounds(wanted), ())}
        for name in self._candidates(wanted):
            shared = len(set(wanted) & set(name))
            # The ratio cannot be more than what the signs they share would give.
            if name in scored or 2 * shared < ratio * (len(wanted) + len(name)):
                continue
            likeness = difflib.SequenceMatcher(None, wanted, name, autojunk=False).ratio()
            if likeness >= ratio:
                scored[name] = likeness
        return sorted(((score, name) for name, score in scored.items()), key=_likeliest)

    def _candidates(self, wanted: str) -> list[str]:
        """Names that share a sign with it, those of its rarest signs first."""
        buckets = sorted((self._by_sign.get(sign, []) for sign in set(wanted)), key=len)
        found: dict[str, None] = {}
        for bucket in buckets:
            found.update(dict.fromkeys(bucket[: LOOKED_AT_MAX - len(found)]))
            if len(found) >= LOOKED_AT_MAX:
                break
        return list(found)


def _likeliest(scored: tuple[float, str]) -> tuple[float, str]:
    return -scored[0], scored[1]
