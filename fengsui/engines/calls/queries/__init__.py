"""The reads of the call engine. Each takes a viewer and shows what that viewer may see.

The board and its companions are set-based: a fixed number of queries, whatever the size.
"""

from fengsui.engines.calls.queries.beside import (
    companions_on_their_way,
    night_marked,
    not_counted_at_night,
    owed_companions,
    rung_beside,
    stops_owed,
)
from fengsui.engines.calls.queries.board import (
    board,
    curve,
    duties,
    policy_shown,
    progress_by_place,
    units,
)
from fengsui.engines.calls.queries.courses import (
    ROUTINE,
    Course,
    Step,
    callouts_between,
    course_of,
    facts_of_callouts,
)
from fengsui.engines.calls.queries.dry_run import dry_run
from fengsui.engines.calls.queries.expecting import awaited, last_answers
from fengsui.engines.calls.queries.gates import call, callout, callouts_of
from fengsui.engines.calls.queries.handing import answers_of, open_by_callout
from fengsui.engines.calls.queries.ladder import by_channel, by_rung
from fengsui.engines.calls.queries.levels import levels_board, people_on_level
from fengsui.engines.calls.queries.messages import claimed_messages, messages_on_their_way
from fengsui.engines.calls.queries.nights import earlier_nights
from fengsui.engines.calls.queries.owners import has_calls, takeovers, together
from fengsui.engines.calls.queries.people import (
    last_words,
    mask,
    my_call,
    my_open_call,
    my_open_calls,
    unanswered,
)
from fengsui.engines.calls.queries.to_ring import next_to_ring
from fengsui.engines.calls.wording import same_language, text_for

__all__ = [
    "ROUTINE",
    "Course",
    "Step",
    "answers_of",
    "awaited",
    "board",
    "by_channel",
    "by_rung",
    "call",
    "callout",
    "callouts_between",
    "callouts_of",
    "claimed_messages",
    "companions_on_their_way",
    "course_of",
    "curve",
    "dry_run",
    "duties",
    "earlier_nights",
    "facts_of_callouts",
    "has_calls",
    "last_answers",
    "last_words",
    "levels_board",
    "mask",
    "messages_on_their_way",
    "my_call",
    "my_open_call",
    "my_open_calls",
    "next_to_ring",
    "night_marked",
    "not_counted_at_night",
    "open_by_callout",
    "owed_companions",
    "people_on_level",
    "policy_shown",
    "progress_by_place",
    "rung_beside",
    "same_language",
    "stops_owed",
    "takeovers",
    "text_for",
    "together",
    "unanswered",
    "units",
]
