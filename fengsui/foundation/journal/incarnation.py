"""Which incarnation of the node this database is. A restored backup must begin a new one."""

from __future__ import annotations

import secrets

from django.conf import settings

from fengsui.foundation.journal import keys
from fengsui.foundation.journal.ledger import Ledger
from fengsui.foundation.journal.models import NodeState

_RANDOM_BITS = 31


def mint(previous: int) -> int:
    """A number above `previous` that two restores of one backup do not share."""
    generation = (previous >> _RANDOM_BITS) + 1
    return generation << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)


def open_ledger() -> Ledger:
    """The ledger of this node: its key, its incarnation, its heads."""
    key = keys.load_or_make(settings.HOME)
    state = NodeState.objects.filter(id=1).first()
    if state is None:
        state = NodeState.objects.create(id=1, incarnation=mint(0))
    return Ledger.open(key, state.incarnation)
