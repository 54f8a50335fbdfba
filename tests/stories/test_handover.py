"""The incoming officer signs for everything open; until then the outgoing one is responsible."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.config.duties import open_matters
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.models import Handover
from fengsui.readiness.watch.tests.room import at_hour, plan, room_of, wired
from fengsui.response.situation import jobs
from tests.world import county as world


def _until(clock: Any, moment: Any) -> None:
    clock.forward(seconds=(moment - clock.now()).total_seconds())


def _rota(county: world.County) -> int:
    """示意甲 by day, 示意丙 by night; 示意乙 leads."""
    plan(
        county,
        leaders=[county.ids["leader"]],
        officers=[county.ids["officer"], county.ids["second_leader"]],
    )
    return room_of(world.COUNTY)


def test_until_the_incoming_officer_signs_the_outgoing_one_is_rung(node: Any, clock: Any) -> None:
    county = world.build()
    with wired(open_matters):
        room = _rota(county)
        _until(clock, at_hour(9))
        assert queries.standing(room, viewer=county.viewer("officer")).is_unsigned
        services.sign_handover(viewer=county.viewer("officer"), post_id=room, keys=[])
        asked = people.DutyAsked(1, world.QINGSHI, "青石镇值班室", True, 0, ())
        _until(clock, at_hour(20))
        clock.forward(minutes=20)
        how = queries.standing(room, viewer=county.viewer("officer"))
        assert how.is_unsigned
        assert people.on_duty([asked])[1]["person_id"] == county.ids["officer"], "nobody signed"
        second = county.viewer("second_leader")
        services.sign_handover(viewer=second, post_id=room, keys=[])
        assert people.on_duty([asked])[1]["person_id"] == county.ids["second_leader"]
        row = Handover.objects.order_by("-order_key").first()
        assert row is not None
        assert (row.incoming_id, row.outgoing_id) == (
            county.ids["second_leader"],
            county.ids["officer"],
        )


def test_an_officer_nobody_relieved_is_not_rung_for_ever(node: Any, clock: Any) -> None:
    county = world.build()
    with wired():
        room = _rota(county)
        _until(clock, at_hour(9))
        services.sign_handover(viewer=county.viewer("officer"), post_id=room, keys=[])
        _until(clock, at_hour(20))
        clock.forward(hours=5)
        how = queries.standing(room, viewer=county.viewer("officer"))
        assert how.is_unsigned, "on the record the outgoing one is still responsible"
        assert how.on_watch == [county.ids["second_leader"]], "whoever sits there is rung"


def test_everything_open_is_on_the_list_and_none_passes_over_unread(node: Any, clock: Any) -> None:
    county = world.build()
    with wired(open_matters):
        plan(
            county,
            starts_at_hours=[0, 3],
            leaders=[],
            officers=[county.ids["officer"], county.ids["second_leader"]],
        )
        room = room_of(world.COUNTY)
        officer, second = county.viewer("officer"), county.viewer("second_leader")
        services.sign_handover(viewer=officer, post_id=room, keys=[])
        county.issue(world.rain_warning(codes=world.SHITAN, area="石滩村"))
        for _ in range(70):
            clock.forward(seconds=15)
            jobs.watch(clock.now())
        pending = county.import_xml(world.rain_warning(1, codes=world.SHUIKOU, area="水口村"))
        services.leave_note(viewer=officer, post_id=room, text="示意：3 号卫星电话没电")
        _until(clock, at_hour(3))
        listed = queries.matters(room, viewer=second)
        assert [one.kind for one in listed] == sorted(
            (one.kind for one in listed), key=list(type(listed[0].kind)).index
        )
        kinds = {one.kind.value for one in listed}
        assert {"out_of_contact", "calls", "approval", "note"} <= kinds, pending
        (open_calls,) = [one for one in listed if one.kind.value == "calls"]
        assert open_calls.count > 0
        keys = [one.key for one in listed]
        with pytest.raises(Problem, match="matters_not_signed") as refused:
            services.sign_handover(viewer=second, post_id=room, keys=keys[:-1])
        assert refused.value.data["keys"] == keys[-1:]
        services.leave_note(viewer=officer, post_id=room, text="刚出现的一条")
        with pytest.raises(Problem, match="matters_not_signed"):
            services.sign_handover(viewer=second, post_id=room, keys=keys)
        (new,) = {one.key for one in queries.matters(room, viewer=second)} - set(keys)
        services.close_note(viewer=officer, note_id=int(new.split(":")[1]))
        done = services.sign_handover(viewer=second, post_id=room, keys=[*keys, new])
        assert done["count"] == len(keys), "what was closed meanwhile is no matter"


def test_only_the_shift_signs_and_only_in_sight(node: Any, clock: Any) -> None:
    county = world.build()
    with wired():
        room = _rota(county)
        _until(clock, at_hour(9))
        with pytest.raises(Problem, match="not_on_the_rota"):
            services.sign_handover(viewer=county.viewer("second_leader"), post_id=room, keys=[])
        for who in ("qingshi", "shitan_a", "shitan_grid"):
            with pytest.raises(Problem, match="not_found"):
                services.sign_handover(viewer=county.viewer(who), post_id=room, keys=[])
            with pytest.raises(Problem, match="not_found"):
                queries.matters(room, viewer=county.viewer(who))
        assert Handover.objects.count() == 0
