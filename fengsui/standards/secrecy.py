"""Marks that say a paper is a state secret: what bears one is refused before it is stored.

国家秘密定密管理规定 has 密级★保密期限, for example 机密★10年 or 绝密★长期; on electronic papers it
stands in the name, on the first page or in a field of its own (clauses not verified). The words
themselves (保守秘密, 商业秘密) are ordinary language and are no mark. 内部 is no state secret and
is not looked for. Pictures and scans are not read: a person has to look at them.
"""

from __future__ import annotations

import re
import unicodedata

LEVELS = ("绝密", "机密", "秘密")

_GAP = r"[\s_\-·.]{0,4}"
_LEVEL = rf"(?:绝{_GAP}密|机{_GAP}密|秘{_GAP}密)"
_STAR = "[★☆⭐✭✮✯⋆*]"  # NFKC has folded the wide asterisk already
_TERM = r"(?:\d{1,2}\s*年|\d{1,2}\s*个?月|长\s*期|启用前|解密前)"
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")

# 机密★10年, with whatever was typed between the two characters.
_STARRED = re.compile(rf"{_LEVEL}\s*{_STAR}")
# 密级：机密
_FIELD = re.compile(rf"(?:密\s*级|保密等级|涉密等级|classification)\s*[:：]\s*{_LEVEL}", re.I)
# 【机密】 (绝密 10年) anywhere; brackets around the word alone make it a mark.
_BRACKETED = re.compile(rf"[\[(<{{【〔《「『]\s*{_LEVEL}\s*{_TERM}?\s*[\])>}}】〕》」』]")
# A line or a cell that holds nothing else.
_ALONE = re.compile(rf"^\s*{_LEVEL}\s*(?:级|件|{_TERM})?\s*$", re.M)
# 机密-名单.xlsx, 名单_秘密.pdf: in a name the word stands at an edge, apart from the rest.
_NAME_EDGE = re.compile(
    rf"^{_LEVEL}(?:级|件|{_TERM})?(?=[\s_\-·—.,，、+]|$)"
    rf"|(?<=[\s_\-·—.,，、+]){_LEVEL}(?:级|件|{_TERM})?$"
)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))


def mark_in_text(text: str) -> str:
    """The mark of secrecy in a text as it stands there, "" where there is none."""
    if "密" not in text:  # no other sign is folded into it
        return ""
    plain = _plain(text)
    for pattern in (_STARRED, _FIELD, _BRACKETED, _ALONE):
        found = pattern.search(plain)
        if found:
            return found.group(0).strip()
    return ""


def mark_in_name(name: str) -> str:
    """The same for the name of a file; the ending (.xlsx) does not count."""
    plain = _plain(name)
    stem = plain.rsplit(".", 1)[0] if "." in plain[1:] else plain
    found = _NAME_EDGE.search(stem)
    return mark_in_text(plain) or mark_in_text(stem) or (found.group(0) if found else "")
