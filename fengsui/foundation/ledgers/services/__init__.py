"""The verbs on ledgers: create, change, withdraw, restore, reveal; sets of changes and undo."""

from fengsui.foundation.ledgers.services.changesets import close_change_set, open_change_set
from fengsui.foundation.ledgers.services.editing import (
    change_one,
    register_one,
    restore_some,
    withdraw_some,
)
from fengsui.foundation.ledgers.services.registers import (
    change_rows,
    register_rows,
    restore_rows,
    withdraw_rows,
)
from fengsui.foundation.ledgers.services.undoing import undo
from fengsui.foundation.ledgers.services.views import forget_view, save_view
from fengsui.foundation.ledgers.services.writing import (
    add_further,
    change,
    create,
    restore,
    reveal,
    withdraw,
)

__all__ = [
    "add_further",
    "change",
    "change_one",
    "change_rows",
    "close_change_set",
    "create",
    "forget_view",
    "open_change_set",
    "register_one",
    "register_rows",
    "restore",
    "restore_rows",
    "restore_some",
    "reveal",
    "save_view",
    "undo",
    "withdraw",
    "withdraw_rows",
    "withdraw_some",
]
