"""How many parts a text message takes. 3GPP TS 23.038 (alphabets), TS 23.040 (joined messages)."""

from __future__ import annotations

# TS 23.038, 6.2.1: the default alphabet, without the escape to the extension table.
_DEFAULT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# TS 23.038, 6.2.1.1: each takes two septets, the escape and itself.
_EXTENSION = frozenset("\f^{}\\[~]|€")

GSM, UCS2 = "gsm-7", "ucs-2"
# One message; each part of several, after the six octets that join them (TS 23.040, 9.2.3.24.1).
_ROOM = {GSM: (160, 153), UCS2: (70, 67)}


def encoding_of(text: str) -> str:
    """ "gsm-7" where every character is in the default alphabet or its extension, else "ucs-2"."""
    return GSM if all(one in _DEFAULT or one in _EXTENSION for one in text) else UCS2


def segments(text: str) -> list[str]:
    """The parts in which a text is sent, [] for none.

    No escape is torn from its character, and no character outside the BMP in two.
    """
    if not text:
        return []
    encoding = encoding_of(text)
    alone, joined = _ROOM[encoding]
    if sum(_units(one, encoding) for one in text) <= alone:
        return [text]
    parts: list[str] = []
    part, used = "", 0
    for one in text:
        units = _units(one, encoding)
        if used + units > joined:
            parts.append(part)
            part, used = "", 0
        part, used = part + one, used + units
    return [*parts, part]


def _units(character: str, encoding: str) -> int:
    if encoding == GSM:
        return 2 if character in _EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1
