"""Kill -9 of the writer under load: what was acknowledged is there afterwards, and verifies.

`python -m tests.simulation.kill_nine --times N [--seed S]` starts the real writer process on a
folder of its own, opens an exercise, lights beacons and answers calls from several threads, kills
the writer at random moments, starts it again, lets the callout come to its end, and then looks:
is every acknowledged fact and answer there, was no command carried out twice, has every call an
end, does every chain verify, does a rebuild give the same tables?

A process crash keeps the page cache: this says nothing of power cuts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.simulation.real_node import CALLING_SETTINGS, RealNode, environment

BEACON_THREADS = 3
LONGEST_LIFE_SECONDS = 0.25
SHARE_THAT_COMES_UP = 0.8  # the others are killed again while they start
END_SECONDS = 90.0
PARTIES = 80
BACKUPS_FROM = datetime(2026, 7, 1, tzinfo=UTC)
BACKUP_PAUSE_SECONDS = 0.5
VILLAGE = "433126101201"
COUNTY = "433126000000"
# The ladder of a red warning, in seconds instead of minutes.
POLICY = {
    "name": "kill-nine",
    "colour": "red",
    "needs_answer": True,
    "start_within_s": 60,
    "answer_within_s": 60,
    "act_within_s": 600,
    "night_needs_voice": False,
    "label_zh": "试验",
    "label_en": "test",
    "source": "tests",
    "clause": "-",
    "date": "2026-11",
    "verified": False,
    "rungs": [
        {
            "who": "holder",
            "channels": ["voice"],
            "otherwise": ["in_app"],
            "tries": 3,
            "spacing_s": 1,
            "patience_s": 1,
            "word_zh": "A岗",
            "word_en": "first holder",
        },
        {"who": "in_person", "patience_s": 2, "word_zh": "派人上门", "word_en": "someone knocks"},
    ],
}


class Load:
    """Threads that send commands without end and remember what was acknowledged."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.beacons: list[tuple[str, bytes]] = []
        self.answers: list[tuple[int, str]] = []
        self.refused: list[str] = []
        self.callout_id = 0
        self.backups = 0
        self.bad_backups: list[str] = []
        self.threads = [
            threading.Thread(target=self._repeat, args=(self._light, number), daemon=True)
            for number in range(BEACON_THREADS)
        ]
        self.threads.append(
            threading.Thread(target=self._repeat, args=(self._answer, 0), daemon=True)
        )
        self.threads.append(
            threading.Thread(target=self._repeat, args=(self._back_up, 0), daemon=True)
        )

    def start(self) -> None:
        from fengsui.engines.calls import services as calls
        from fengsui.foundation.access.viewer import node_viewer

        self.callout_id = calls.open_callout(
            viewer=node_viewer(),
            subject_kind="alert",
            subject_id=1,
            place_code=COUNTY,
            level="red",
            text="演练：试验用叫应",
            exercise=True,
            policy=POLICY,
            parties=[party(number) for number in range(PARTIES)],
        )["callout_id"]
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)

    def _repeat(self, work: Callable[[str, int], None], number: int) -> None:
        from fengsui.foundation.access.problems import Problem

        turn = 0
        while not self.stopped.is_set():
            turn += 1
            try:
                work(f"{number}-{turn}", turn)
            except Problem as problem:
                self.refused.append(problem.kind.code)

    def _light(self, name: str, turn: int) -> None:
        from fengsui.foundation.access.viewer import node_viewer
        from tests.beacon import services as beacons

        light = beacons.light if turn % 3 else beacons.light_and_see
        made: dict[str, Any] = light(viewer=node_viewer(), place_code=VILLAGE, name=name)
        self.beacons.append((name, made["fact_id"]))

    def _back_up(self, name: str, turn: int) -> None:
        """Backups go on beside the writer, whoever is killed meanwhile; each one is whole."""
        from django.conf import settings

        from fengsui.foundation.journal import backups

        moment = BACKUPS_FROM + timedelta(hours=turn)
        if (settings.HOME / backups.DATABASE).exists():
            try:
                backups.make(settings.HOME, settings.HOME / "backups", moment, "kill-nine")
                self.backups += 1
            except backups.BackupError as error:
                self.bad_backups.append(str(error))
            backups.rotate(settings.HOME / "backups")
        self.stopped.wait(BACKUP_PAUSE_SECONDS)

    def _answer(self, name: str, turn: int) -> None:
        from fengsui.engines.calls import services as calls
        from fengsui.engines.calls.models import Call
        from fengsui.foundation.access.viewer import node_viewer

        call = Call.objects.filter(callout_id=self.callout_id, ordinal=turn % PARTIES).first()
        if call is not None and turn < PARTIES // 2:
            calls.record_answer(
                viewer=node_viewer(),
                call_id=call.pk,
                answer_kind="on_it",
                how="app",
                client_id=name,
            )
            self.answers.append((call.pk, name))
        self.stopped.wait(0.1)


def party(number: int) -> dict[str, Any]:
    return {
        "person_id": 5000 + number,
        "name": f"示意{number}",
        "place_code": f"4331261012{number % 10:02d}",
        "unit_code": f"4331261012{number % 10:02d}",
        "post_title": "村支书",
        "contacts": [{"kind": "phone", "value": f"000{number:08d}", "contact_point_id": None}],
        "deputies": [],
        "superiors": [],
    }


def run(times: int, seed: int) -> dict[str, Any]:
    """Kills the writer `times` times; returns what was found."""
    chance = random.Random(seed)
    home = Path(tempfile.mkdtemp(prefix="fengsui-kill-"))
    os.environ.update(environment(home, settings=CALLING_SETTINGS))
    import django

    django.setup()
    began = time.monotonic()
    node = RealNode(home, CALLING_SETTINGS)
    node.start()
    node.wait_until_ready()
    load = Load()
    load.start()
    for _ in range(times):
        time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
        node.kill()
        node.start()
        if chance.random() < SHARE_THAT_COMES_UP:
            node.wait_until_ready()
    node.wait_until_ready()
    load.stop()
    ended = wait_for_the_end(load.callout_id)
    node.stop()
    report = {
        "kills": times,
        "seed": seed,
        "acknowledged": len(load.beacons) + len(load.answers),
        "refused": len(load.refused),
        "backups": load.backups,
        "bad_backups": load.bad_backups[:5],
        **examine(load),
        "callout_ended": ended,
        "seconds": round(time.monotonic() - began, 1),
    }
    wrong = (
        "bad_backups",
        "lost",
        "twice",
        "lost_answers",
        "calls_without_end",
        "findings",
        "rebuild_changes",
    )
    report["ok"] = ended and not any(report[name] for name in wrong)
    if report["ok"]:
        shutil.rmtree(home)
    else:
        report["home"] = str(home)
    return report


def wait_for_the_end(callout_id: int) -> bool:
    from fengsui.engines.calls.models import Callout
    from fengsui.engines.calls.states import CalloutState

    deadline = time.monotonic() + END_SECONDS
    while time.monotonic() < deadline:
        if Callout.objects.get(pk=callout_id).state == CalloutState.FINISHED:
            return True
        time.sleep(0.1)
    return False


def examine(load: Load) -> dict[str, Any]:
    """Compares what was acknowledged with what is on the disk."""
    from fengsui.engines.calls.models import Answer, Call
    from fengsui.foundation.journal import replay, verify, writer
    from fengsui.foundation.journal.models import Feed, StoredFact
    from tests.beacon.models import Beacon

    with writer.holding_the_pen():
        present = {bytes(one) for one in StoredFact.objects.values_list("fact_id", flat=True)}
        names = list(Beacon.objects.values_list("name", flat=True))
        answers = list(Answer.objects.values_list("call_id", "client_id"))
        report = verify.check_database(processes=1)
        return {
            "facts": report.facts,
            "lost": sum(1 for _, fact_id in load.beacons if fact_id not in present)
            + len({name for name, _ in load.beacons} - set(names)),
            "twice": len(names) - len(set(names)),
            "answers": len(load.answers),
            "lost_answers": len(set(load.answers) - set(answers)),
            "calls": Call.objects.filter(callout_id=load.callout_id).count(),
            "calls_without_end": Call.objects.filter(
                callout_id=load.callout_id, ended_as=""
            ).count()
            + Call.objects.filter(callout_id=load.callout_id, ended_as__isnull=True).count(),
            "incarnations": Feed.objects.values("incarnation").distinct().count(),
            "findings": [str(finding) for finding in report.findings[:10]],
            "rebuild_changes": replay.rebuild_and_compare(),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    report = run(arguments.times, seed)
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
