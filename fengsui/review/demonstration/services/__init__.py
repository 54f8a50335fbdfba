"""The verbs of the demonstration: prepare, generate, start, stop, tell."""

from fengsui.review.demonstration.services.night import end_night, start, stop
from fengsui.review.demonstration.services.preparing import (
    fill_county,
    generate_county,
    grant_accounts,
    prepare,
    record_preparation,
)
from fengsui.review.demonstration.services.second_act import (
    cut,
    note_agreed,
    note_pulled,
    plug_in,
    remaining_movements,
)
from fengsui.review.demonstration.services.telling import forget, tell

__all__ = [
    "cut",
    "end_night",
    "fill_county",
    "forget",
    "generate_county",
    "grant_accounts",
    "note_agreed",
    "note_pulled",
    "plug_in",
    "prepare",
    "record_preparation",
    "remaining_movements",
    "start",
    "stop",
    "tell",
]
