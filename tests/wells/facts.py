"""What can be said about wells."""

from fengsui.foundation.journal.facts import Audience
from fengsui.foundation.ledgers.facts import register_kinds

WELLS = register_kinds(
    app="wells",
    register="wells",
    numbers=range(994, 998),
    audience=Audience.VILLAGE,
    zh="口水井",
    en="wells",
)
KINDS = WELLS.all
