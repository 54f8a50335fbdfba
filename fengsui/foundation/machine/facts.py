"""The facts of this app. Numbers 60-62 of the nodes' range."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

# The certificate of a box's pages, and its key sealed so that only that box can read it.
CERTIFICATE_CARRIED = FactKind(
    number=60,
    name="machine.certificate_carried",
    version=1,
    fact_class=FactClass.COMMAND,
    audience=Audience.TOWNSHIP,
    merge=Merge.OWNER,
    fields=("node_key", "chain", "sealed_key", "names", "not_after_ms"),
    zh="给节点带去新的网页证书（{names}）",
    en="A new certificate for a node's pages was sent down ({names})",
)

KINDS = (CERTIFICATE_CARRIED,)
