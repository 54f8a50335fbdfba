"""What is erased, and why it is due."""

from __future__ import annotations

from enum import StrEnum


class Subject(StrEnum):
    EVENT = "event"
    PERSON = "person"
    HOUSEHOLD = "household"
    CLASS = "class"


class Basis(StrEnum):
    """From when a term runs."""

    EVENT = "event"  # the end of the event
    AGE = "age"  # the day it was recorded
    IN_USE = "in_use"  # while it is in use: erased on request, or when withdrawn
    KEPT = "kept"  # kept for inquiry; erased by nobody
    MACHINE = "machine"  # this machine drops it by itself
