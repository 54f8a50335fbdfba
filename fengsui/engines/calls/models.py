"""Callout (one request to many) → Call (one person) → Attempt (one try) → Answer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from fengsui.engines.calls.owed import CompanionOwed as CompanionOwed
from fengsui.engines.calls.owed import StopOwed as StopOwed

PLACE_DIGITS_MAX = 17
WORD_CHARACTERS_MAX = 24
_MAY_BE_DUE = Q(next_at__isnull=False)


class Callout(models.Model):
    """One request to many. Its policy is frozen at opening; later edits ring nobody differently."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    level = models.CharField(max_length=8)
    text = models.TextField()
    texts = models.JSONField(default=list)  # [[code, language, spoken only, text], …] besides
    exercise = models.BooleanField()
    policy = models.JSONField()
    paused_channels = models.JSONField(default=dict)  # kind -> [is paused, hlc]
    state = models.CharField(max_length=10, default="open")
    expected = models.IntegerField()
    calls = models.IntegerField(default=0)  # people on the list so far
    finished_calls = models.IntegerField(default=0)  # how many had ended when it last finished
    follows = models.BigIntegerField(null=True)  # the callout whose people this one informs
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    stop_reason = models.TextField(default="", blank=True)
    owner_key = models.CharField(max_length=130, default="")  # hex: the node that opened it
    owner = models.BigIntegerField(default=0)  # `rules.driver_id` of that key
    driver = models.BigIntegerField(default=0)  # the owner, or whoever took all of it over

    class Meta:
        indexes = (
            models.Index(fields=("place_code",), name="callout_place"),
            models.Index(fields=("subject_kind", "subject_id"), name="callout_subject"),
            models.Index(fields=("state",), name="callout_state"),  # the few that are open
        )


class PartyBatch(models.Model):
    """The people that one fact put on the list: one township, consecutive ordinals and call ids."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    first_ordinal = models.IntegerField()
    first_call_id = models.BigIntegerField()
    count = models.IntegerField()
    added_at = models.DateTimeField()
    level = models.SmallIntegerField(default=2)  # levels.Level of all of them

    class Meta:
        indexes = (models.Index(fields=("place_code",), name="partybatch_place"),)


class Call(models.Model):
    """One person of a callout. `progress` only rises, so facts may arrive in any order."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False, db_index=False)
    batch = models.ForeignKey(PartyBatch, models.CASCADE, db_constraint=False, db_index=False)
    ordinal = models.IntegerField()
    person_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)  # for whose household the person is called
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    unit_code = models.CharField(max_length=PLACE_DIGITS_MAX, default="", blank=True)
    more_units = models.TextField(default="", blank=True)  # codes of further units, by space
    post_title = models.CharField(max_length=64, default="", blank=True)
    progress = models.BigIntegerField(default=0)
    progress_fact = models.BigIntegerField(default=0)  # of two facts at one progress, the greater
    due_progress = models.BigIntegerField(default=0)  # which fact set `next_at`
    due_fact = models.BigIntegerField(default=0)
    driver = models.BigIntegerField(default=0)  # the node that may ring; see Takeover
    lap = models.SmallIntegerField(default=0)
    rung = models.SmallIntegerField(default=0)
    tries = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=WORD_CHARACTERS_MAX, default="waiting")
    last_outcome = models.CharField(max_length=WORD_CHARACTERS_MAX, default="", blank=True)
    heard_s = models.SmallIntegerField(default=0)
    channel = models.CharField(max_length=16, default="", blank=True)
    is_covered = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True)
    ended_as = models.CharField(max_length=WORD_CHARACTERS_MAX, default="", blank=True)
    answered_at = models.DateTimeField(null=True)
    answer_kind = models.CharField(max_length=16, default="", blank=True)
    is_late = models.BooleanField(default=False)  # answered after the call had been passed up
    needs_support = models.BooleanField(default=False)
    reached_at = models.DateTimeField(null=True)
    named_at = models.DateTimeField(null=True)
    notified_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            # What is due and its own, a township's people together; ended calls are not in it.
            models.Index(
                fields=("driver", "next_at", "ordinal"), name="call_due", condition=_MAY_BE_DUE
            ),
            models.Index(fields=("callout", "ended_as", "place_code"), name="call_board"),
            models.Index(fields=("callout", "ordinal"), name="call_page"),
            models.Index(fields=("person_id",), name="call_person"),
            models.Index(fields=("place_code",), name="call_place"),
        )

    @property
    def units(self) -> list[str]:
        """Every unit that is 叫到 when this person acknowledges."""
        return [code for code in (self.unit_code, *self.more_units.split()) if code]


class CallParty(models.Model):
    """Who rings on a rung of a call: the holder (id of the call itself) or a resolved stand-in."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, db_constraint=False)
    rung = models.SmallIntegerField(default=0)
    person_id = models.BigIntegerField()
    name = models.CharField(max_length=64, default="", blank=True)
    contacts = models.JSONField(default=list)
    stand_ins = models.JSONField(default=dict)  # frozen at opening: deputies, superiors, language
    contacts_hlc = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("person_id",), name="callparty_person"),
            # Hardly any call has a stand-in, and every cycle asks which of its calls have one.
            models.Index(
                fields=("call", "rung"), name="callparty_stand_in", condition=Q(rung__gt=0)
            ),
        )


class Attempt(models.Model):
    """One try on one channel, and the most that is known about it."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    plan_id = models.BigIntegerField()  # the first id of the fact that planned it
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    call = models.ForeignKey(Call, models.CASCADE, db_constraint=False)
    step = models.BigIntegerField()  # the call's progress that this try stands for
    rung = models.SmallIntegerField()
    try_number = models.SmallIntegerField()
    channel = models.CharField(max_length=16)
    word = models.CharField(max_length=WORD_CHARACTERS_MAX, default="planned")
    word_rank = models.SmallIntegerField(default=1)
    heard_s = models.SmallIntegerField(default=0)
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    driver = models.BigIntegerField(default=0)  # the node that made it


class Answer(models.Model):
    """What a person said, who recorded it and how. Several may be given to one call."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, db_constraint=False)
    person_id = models.BigIntegerField()  # who answered
    recorded_by_id = models.BigIntegerField()  # 0: a carrier brought it
    kind = models.CharField(max_length=16)
    how = models.CharField(max_length=16)
    rung = models.SmallIntegerField()
    is_stand_in = models.BooleanField(default=False)
    unit_codes = models.TextField(default="", blank=True)  # a stand-in's, by space
    heard_from = models.CharField(max_length=64, default="", blank=True)
    note = models.TextField(default="", blank=True)
    client_id = models.CharField(max_length=64)
    answered_at = models.DateTimeField()

    class Meta:
        # A repeated answer is found by its client id, not recorded again.
        indexes = (models.Index(fields=("client_id",), name="answer_client"),)


class UnitCall(models.Model):
    """A village or township in a callout. 应到 is a first action after an acknowledgement."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    unit_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    state = models.CharField(max_length=12, default="waiting")
    acknowledged_at = models.DateTimeField(null=True)
    first_action_at = models.DateTimeField(null=True)
    first_action_how = models.CharField(max_length=16, default="", blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("callout", "unit_code"), name="unitcall_once"),
        )
        indexes = (models.Index(fields=("unit_code",), name="unitcall_unit"),)


class Alarm(models.Model):
    """The auditor found the promise at risk."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    what = models.CharField(max_length=32)
    overdue = models.IntegerField()
    oldest_s = models.IntegerField()
    raised_at = models.DateTimeField()
    driver = models.BigIntegerField(default=0)  # the node whose calls are meant


class Takeover(models.Model):
    """A node drives calls that another one opened: who said so, why, and until when."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    node_key = models.CharField(max_length=130)
    driver = models.BigIntegerField()
    person_id = models.BigIntegerField()
    reason = models.TextField()
    contact = models.CharField(max_length=16, default="")  # what was known of the owner's contact
    hlc = models.BigIntegerField()
    taken_at = models.DateTimeField()
    handed_back_at = models.DateTimeField(null=True)
    handed_back_by = models.BigIntegerField(null=True)
    handed_back_reason = models.TextField(default="", blank=True)


class LevelHandover(models.Model):
    """A level answered, was silent too long or was passed by: the next in its branch is rung."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    level = models.SmallIntegerField()
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    how = models.CharField(max_length=12)
    reason = models.TextField(default="", blank=True)
    person_id = models.BigIntegerField(default=0)  # who did not wait; 0: the program
    handed_at = models.DateTimeField()


class RungElsewhere(models.Model):
    """已由别的部门叫过: the weather or water office rang this person, so we spare a try."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, models.CASCADE, db_constraint=False)
    office = models.CharField(max_length=64)
    rung_at = models.DateTimeField()
    has_answered = models.BooleanField()
    note = models.TextField(default="", blank=True)
    recorded_by_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()


class UnitRelay(models.Model):
    """A unit in another township than the call was told, in its own feed, who acknowledged."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    unit_code = models.CharField(max_length=PLACE_DIGITS_MAX)
    call_id = models.BigIntegerField()
    acknowledged_at = models.DateTimeField()


class Companion(models.Model):
    """Somebody rung at the same moment as the person called: B岗, 值班电话. No call of its own."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    plan_id = models.BigIntegerField()  # the first id of the fact that planned it
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    call = models.ForeignKey(Call, models.CASCADE, db_constraint=False)
    party_id = models.BigIntegerField()  # the CallParty that is rung
    person_id = models.BigIntegerField()  # 0: a duty phone with nobody named
    who = models.CharField(max_length=WORD_CHARACTERS_MAX)
    step = models.BigIntegerField()
    rung = models.SmallIntegerField()
    try_number = models.SmallIntegerField()
    channel = models.CharField(max_length=16)
    word = models.CharField(max_length=WORD_CHARACTERS_MAX, default="planned")
    word_rank = models.SmallIntegerField(default=1)
    heard_s = models.SmallIntegerField(default=0)
    started_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    driver = models.BigIntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=("person_id",), name="companion_person"),
            models.Index(fields=("word",), name="companion_word"),  # the few that still ring
        )


class NightMark(models.Model):
    """A try at night on channels that wake nobody: it does not count as 叫应."""

    journal_projection = True

    id = models.BigAutoField(primary_key=True)
    callout = models.ForeignKey(Callout, models.CASCADE, db_constraint=False)
    call = models.ForeignKey(Call, models.CASCADE, db_constraint=False)
    step = models.BigIntegerField()
    channel = models.CharField(max_length=16)
    marked_at = models.DateTimeField()


# --- local to this node: owed effects and heartbeats, never facts ----------------------------


class PendingParties(models.Model):
    """A slice of a long call list, written down with the command and unpacked by the engine."""

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)
    callout_id = models.BigIntegerField()
    first_ordinal = models.IntegerField()
    parties = models.JSONField()
    cause = models.CharField(max_length=32, default="", blank=True)
    queued_at = models.DateTimeField()


class Dispatch(models.Model):
    """Tries of one plan that are owed to a channel: planned, then dispatching, then gone with
    their outcomes.

    They are marked `dispatching` durably before the channel is called. What is found there after
    a crash may or may not have been sent: its outcome is unknown.
    """

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)  # of the first attempt; the others follow it
    plan_id = models.BigIntegerField()
    callout_id = models.BigIntegerField()
    place_code = models.CharField(max_length=PLACE_DIGITS_MAX)  # of the plan's fact
    step = models.BigIntegerField()
    channel = models.CharField(max_length=16)
    rung = models.SmallIntegerField()
    try_number = models.SmallIntegerField()
    count = models.IntegerField()
    waiting = models.BinaryField()  # packed: those of `count` of whom nothing is known yet
    owed_at = models.DateTimeField()
    boot = models.CharField(max_length=32, default="", blank=True)  # who is dispatching them
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("boot", "owed_at"), name="dispatch_boot"),
            models.Index(fields=("plan_id",), name="dispatch_plan"),
        )


class NumberHeard(models.Model):
    """A real try that says something of the number it rang: answered there, or no such number.

    Written with the outcome and forgotten once the registers have been told.
    """

    engine_bookkeeping = True

    id = models.BigAutoField(primary_key=True)  # of the attempt
    is_dead = models.BooleanField()
    heard_at = models.DateTimeField()


class Heartbeat(models.Model):
    """When a duty of the engine last ran: its silence is visible."""

    engine_bookkeeping = True

    name = models.CharField(max_length=32, primary_key=True)
    beaten_at = models.DateTimeField()
