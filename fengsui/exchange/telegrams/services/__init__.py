"""The verbs of thin links. Every one is a command: check, decide, record, apply."""

from fengsui.exchange.telegrams.services.answering import (
    answer_instruction,
    match_answers,
    move_on_instruction,
)
from fengsui.exchange.telegrams.services.linking import (
    add_link,
    add_peer,
    note_card,
    remove_link,
)
from fengsui.exchange.telegrams.services.queueing import forget_old, look, queue_test
from fengsui.exchange.telegrams.services.receiving import receive_frame
from fengsui.exchange.telegrams.services.sending import confirm, next_frame
from fengsui.exchange.telegrams.services.texting import receive_text

__all__ = [
    "add_link",
    "add_peer",
    "answer_instruction",
    "confirm",
    "forget_old",
    "look",
    "match_answers",
    "move_on_instruction",
    "next_frame",
    "note_card",
    "queue_test",
    "receive_frame",
    "receive_text",
    "remove_link",
]
