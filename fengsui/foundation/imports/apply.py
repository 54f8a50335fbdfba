"""Facts about imports and exports become rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping as Map

from fengsui.foundation.imports.models import Export, Mapping
from fengsui.foundation.journal.facts import Fact


def apply_mapping_saved(fact: Fact) -> None:
    fields = fact.fields
    Mapping.objects.bulk_create(
        [
            Mapping(
                id=fact.entity(),
                place_code=fact.scope,
                ledger=fields["ledger"],
                title=fields["title"],
                columns=json.dumps(fields["columns"], ensure_ascii=False, sort_keys=True),
                system=fields["system"],
                saved_by=fact.actor,
                saved_at=fact.at,
                is_dropped=False,
            )
        ],
        ignore_conflicts=True,
    )


def apply_mapping_dropped(fact: Fact) -> int | None:
    wanted: int = fact.fields["mapping_id"]
    return None if Mapping.objects.filter(pk=wanted).update(is_dropped=True) else wanted


def apply_exported(fact: Fact) -> None:
    fields = fact.fields
    Export.objects.bulk_create(
        [
            Export(
                id=fact.entity(),
                place_code=fact.scope,
                number=fields["number"],
                ledger=fields["ledger"],
                format=fields["format"],
                rows_count=fields["rows_count"],
                columns=json.dumps(fields["columns"]),
                with_personal=fields["with_personal"],
                reason=fields["reason"],
                recipient=fields["recipient"],
                actor_id=fact.actor,
                actor_name=fields["actor_name"],
                at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )


def apply_carried_out(fact: Fact) -> None:
    """The rows are in the register; the fact itself is the record of the import."""


APPLY: Map[str, Callable[[Fact], int | None]] = {
    "imports.mapping_saved": apply_mapping_saved,
    "imports.mapping_dropped": apply_mapping_dropped,
    "imports.exported": apply_exported,
    "imports.carried_out": apply_carried_out,
}
