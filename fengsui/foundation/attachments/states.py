"""Where the content of an attachment is, for people."""

from __future__ import annotations

from enum import StrEnum


class Presence(StrEnum):
    HERE = "here"
    NOT_HERE = "not_here"  # 未到: added at another node, or lost from this disk
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class Size(StrEnum):
    """Which copy is asked for."""

    ORIGINAL = "original"
    PUBLIC = "public"  # re-encoded, without position, time, maker and every other metadata
    THUMBNAIL = "thumbnail"


WORDS: dict[Presence, tuple[str, str]] = {
    Presence.HERE: ("已在本节点", "here"),
    Presence.NOT_HERE: ("登记已到，内容还在添加它的节点，未到本节点", "not here yet"),
    Presence.WITHDRAWN: ("已撤下", "withdrawn"),
    Presence.ERASED: ("已按规定清除", "erased"),
}
