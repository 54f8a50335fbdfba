"""The ledger of wells."""

from fengsui.foundation.access.viewer import Permission
from fengsui.foundation.ledgers.rules import Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind
from tests.wells.apply import WELLS

LEDGERS = (
    Ledger(
        name="wells",
        zh="水井",
        en="Wells",
        see=Permission.SEE_PLACES,
        edit=Permission.EDIT_REGISTERS,
        register=WELLS,
        text=("name",),
        columns=(
            Column("name", "名称", "Name", required=True, is_key=True, sortable=True),
            Column("place_code", "所在村", "Village", ColumnKind.PLACE, required=True, is_key=True),
            Column("depth_metres", "深度", "Depth", ColumnKind.WHOLE, unit="米", sortable=True),
            Column("owner", "户主", "Owner", is_private=True),
        ),
    ),
)
