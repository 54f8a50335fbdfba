"""The reads of the call engine. Each takes a viewer and shows what that viewer may see.

The board and its companions are set-based: a fixed number of queries, whatever the size.
"""

from fengsui.engines.calls.queries.board import (
    board,
    curve,
    duties,
    policy_shown,
    progress_by_place,
    units,
)
from fengsui.engines.calls.queries.expecting import awaited, last_answers
from fengsui.engines.calls.queries.gates import call, callout, callouts_of
from fengsui.engines.calls.queries.ladder import by_channel, by_rung
from fengsui.engines.calls.queries.messages import claimed_messages, messages_on_their_way
from fengsui.engines.calls.queries.owners import has_calls, takeovers, together
from fengsui.engines.calls.queries.people import (
    last_words,
    mask,
    my_call,
    my_open_call,
    my_open_calls,
    unanswered,
)

__all__ = [
    "awaited",
    "board",
    "by_channel",
    "by_rung",
    "call",
    "callout",
    "callouts_of",
    "claimed_messages",
    "curve",
    "duties",
    "has_calls",
    "last_answers",
    "last_words",
    "mask",
    "messages_on_their_way",
    "my_call",
    "my_open_call",
    "my_open_calls",
    "policy_shown",
    "progress_by_place",
    "takeovers",
    "together",
    "unanswered",
    "units",
]
