"""Levels and states of nodes. Pure."""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """Where in the tree a node stands: 县 乡镇 管理区 村."""

    COUNTY = "county"
    TOWNSHIP = "township"
    ZONE = "zone"
    VILLAGE = "village"


RANKS = {Level.COUNTY: 1, Level.TOWNSHIP: 2, Level.ZONE: 2, Level.VILLAGE: 3}
ROOT_RANK = 0


class NodeState(StrEnum):
    """What a certificate is worth now."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUSPENDED = "suspended"


class RevocationReason(StrEnum):
    """Why a key is no longer believed: 被盗 丢失 停用 换机 滥用."""

    STOLEN = "stolen"
    LOST = "lost"
    RETIRED = "retired"
    REPLACED = "replaced"
    MISUSED = "misused"


# Of a key in foreign hands, only what somebody else had witnessed counts.
IN_FOREIGN_HANDS = frozenset(
    {RevocationReason.STOLEN, RevocationReason.LOST, RevocationReason.MISUSED}
)
