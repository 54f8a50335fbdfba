"""The words for kinds of danger areas."""

from __future__ import annotations

from enum import StrEnum


class DangerKind(StrEnum):
    FLASH_FLOOD = "flash_flood"  # 山洪
    GEOHAZARD = "geohazard"  # 地质灾害
    WATERLOGGING = "waterlogging"  # 低洼易涝
    DOWNSTREAM = "downstream"  # 水库山塘下游
    OTHER = "other"
