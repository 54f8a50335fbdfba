"""Facts about wells become rows."""

from fengsui.foundation.ledgers.apply import Register
from tests.wells import facts
from tests.wells.models import Well

WELLS = Register(
    name="wells",
    model=Well,
    kinds=facts.WELLS,
    public=("place_code", "name", "depth_metres"),
    private={"owner": ""},
)
APPLY = WELLS.applies()
