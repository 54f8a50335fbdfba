"""What a desk shows: requests that wait, and what a person should look at. Reads."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.models import Flagged, Fork, Quarantined
from fengsui.foundation.nodes import rules
from fengsui.foundation.nodes.models import EnrolmentRequest


def requests(viewer: Viewer) -> list[dict[str, Any]]:
    """Requests that wait at this desk: {"name", "level", "scope", "received_at"}; never the code,
    which is to be read from the new node's own screen. Needs manage_accounts over the place."""
    found = []
    for row in EnrolmentRequest.objects.filter(answer="").order_by("received_at"):
        asked = rules.read_request(bytes(row.request))
        if viewer.may(Permission.MANAGE_ACCOUNTS, asked.scope):
            found.append(
                {
                    "name": asked.name,
                    "level": asked.level,
                    "scope": asked.scope,
                    "received_at": row.received_at,
                }
            )
    return found


def answer(code: str) -> str | None:
    """The chain for a request, "" while it waits, None where there is none. For anybody: a chain
    is public, and only the node that asked can use it."""
    row = EnrolmentRequest.objects.filter(short_code=code).first()
    return None if row is None else row.answer


def findings() -> list[dict[str, Any]]:
    """What a person should look at: forks, facts that count with a mark, what is held or refused.

    Each {"zh", "en", "count"}. Needs no viewer: numbers only, for the command line and /metrics.
    """
    forks = Fork.objects.count()
    flagged = Flagged.objects.count()
    held = Quarantined.objects.filter(author__isnull=False).count()
    refused = Quarantined.objects.filter(author__isnull=True).count()
    said = (
        (
            forks,
            "条链出现两个版本：同一把密钥在两台机器上",
            "feeds have forked: two machines use one key",
        ),
        (
            flagged,
            "条记录来自已吊销或暂停的密钥，已标记",
            "facts of keys in doubt count with a mark",
        ),
        (held, "条记录在等作者的证书", "facts wait for their author's certificate"),
        (refused, "条记录被拒收，已隔离", "facts were refused and are in quarantine"),
    )
    return [{"zh": f"{n} {zh}", "en": f"{n} {en}", "count": n} for n, zh, en in said if n]
