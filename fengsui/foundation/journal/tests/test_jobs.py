"""Whose turn it is: what can wait leaves the writer to those who are waiting."""

from fengsui.foundation.journal.jobs import RESTS, Job, Turns


def _nothing(now: object) -> None:
    return None


URGENT = Job("calls.advance", 0.5, _nothing)
LATER = Job("search.follow", 2.0, _nothing, can_wait=True)


def _shares(*, is_busy: bool, urgent_more: bool, seconds: float = 10.0) -> dict[str, float]:
    """How much of a writer's time each has, where both always have more to do: steps of 10 ms,
    and 10 ms of commands in every turn where it is busy."""
    turns, now = Turns([URGENT, LATER]), 0.0
    taken = {URGENT.name: 0.0, LATER.name: 0.0}
    while now < seconds:
        job = turns.next_due(now)
        if job is None:
            now += 0.010
            continue
        ended = now + (0.020 if is_busy else 0.010)
        more = job is LATER or urgent_more
        turns.worked(job, ended, 0.010, more=more, is_busy=is_busy)
        taken[job.name] += 0.010
        now = ended
    return {name: spent / seconds for name, spent in taken.items()}


def test_what_can_wait_takes_a_tenth_of_a_busy_writer() -> None:
    assert RESTS == 9.0
    assert 0.07 < _shares(is_busy=True, urgent_more=False)[LATER.name] < 0.11


def test_the_engine_goes_first() -> None:
    shares = _shares(is_busy=False, urgent_more=True)
    assert shares[LATER.name] < 0.11
    assert shares[URGENT.name] > 0.85


def test_at_rest_it_works_on() -> None:
    assert _shares(is_busy=False, urgent_more=False)[LATER.name] > 0.75


def test_what_is_done_waits_for_its_time() -> None:
    turns = Turns([URGENT, LATER])
    turns.worked(LATER, 100.0, 0.010, more=False, is_busy=True)
    assert turns.due[LATER.name] == 102.0
