"""Which of two facts about one thing stands."""

from fengsui.foundation.journal.facts import Fact


def order_key(fact: Fact) -> str:
    """Of two facts about one thing the greater key stands, whichever came first."""
    return f"{fact.hlc:020d}.{fact.id.hex()}"
