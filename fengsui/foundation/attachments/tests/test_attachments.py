"""Files of a row: sent in pieces, checked, seen by whom the row is seen, gone when erased."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.attachments import blobs, jobs, queries, rules, services
from fengsui.foundation.attachments.models import Attachment, Upload
from fengsui.foundation.attachments.tests.conftest import Town
from fengsui.foundation.journal import erasures
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.services import erase_leaves
from fengsui.gateways.files.tests import samples

API = "/api/v1"


def announce(town: Town, content: bytes, who: str = "qingshi", **more: Any) -> Any:
    body = {
        "owner_ledger": "households",
        "owner_id": town.household(),
        "file_name": "门前.jpg",
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        **more,
    }
    return town.client(who).post(f"{API}/attachments", body, content_type="application/json")


def put(town: Town, upload: str, offset: int, piece: bytes, who: str = "qingshi") -> Any:
    return town.client(who).put(
        f"{API}/attachments/uploads/{upload}/content?offset={offset}",
        piece,
        content_type="application/octet-stream",
    )


def send(town: Town, content: bytes, who: str = "qingshi", **more: Any) -> Any:
    """Announces and sends the whole file; the answer to its last piece, or the refusal."""
    answer = announce(town, content, who, **more)
    if answer.status_code != 200:
        return answer
    step = rules.CHUNK_BYTES_MAX
    for offset in range(0, len(content), step):
        answer = put(town, answer.json()["id"], offset, content[offset : offset + step], who)
        if answer.status_code != 200:
            return answer
    return answer


def attached(town: Town, content: bytes, **more: Any) -> int:
    answer = send(town, content, **more)
    assert answer.status_code == 200, answer.content
    return int(answer.json()["attachment_id"])


def fetch(
    town: Town, attachment_id: int, who: str = "qingshi", size: str = "original", **more: Any
) -> Any:
    return town.client(who).get(f"{API}/attachments/{attachment_id}?size={size}", **more)


def on_disk(home: Path) -> set[str]:
    return {path.name for path in blobs.all_in(home)}


def test_a_photograph_comes_in_and_its_copies_say_nothing_of_where(town: Town) -> None:
    original = samples.photograph()
    one = attached(town, original)
    (item,) = (
        town.client()
        .get(f"{API}/ledgers/households/rows/{town.household()}/attachments")
        .json()["items"]
    )
    assert (item["lat_e7"], item["lon_e7"]) == (samples.LAT_E7, samples.LON_E7)
    assert item["taken_at"] == "2026-07-16T18:10:00.000Z"
    assert item["presence"] == "here"
    answer = fetch(town, one)
    assert answer.getvalue() == original
    for size in ("public", "thumbnail"):
        copy = fetch(town, one, size=size).getvalue()
        assert b"Exif" not in copy
        assert samples.CAMERA.encode() not in copy
        with Image.open(io.BytesIO(copy)) as opened:
            assert not dict(opened.getexif())
    with Image.open(io.BytesIO(copy)) as small:
        assert max(small.size) == 320
    assert len(on_disk(town.home)) == 3
    assert list((town.home / "uploads").iterdir()) == []


def test_a_file_is_given_as_something_no_browser_runs(town: Town) -> None:
    answer = fetch(town, attached(town, samples.photograph()), size="public")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Content-Disposition"].startswith('inline; filename="file.jpg"')
    assert "no-store" in answer["Cache-Control"]
    paper = fetch(town, attached(town, samples.PDF, file_name='a"\r\nX: 1/../b.html'))
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Content-Disposition"].startswith("attachment;")
    assert "html" not in paper["Content-Disposition"]
    assert "\r" not in paper["Content-Disposition"]


def test_it_goes_on_where_it_stopped_after_a_restart(town: Town) -> None:
    content = samples.photograph(size=(2000, 1500), quality=100) + bytes(1_200_000)
    upload = announce(town, content).json()["id"]
    first = content[: rules.CHUNK_BYTES_MAX]
    assert put(town, upload, 0, first).json()["received"] == len(first)
    # Another process, later: the row and the file on the disk know how far it came.
    again = announce(town, content).json()
    assert (again["id"], again["received"]) == (upload, len(first))
    wrong = put(town, upload, 7, b"x")
    assert wrong.status_code == 409
    assert wrong.json()["data"]["received"] == len(first)
    at = len(first)
    while at < len(content):
        answer = put(town, upload, at, content[at : at + rules.CHUNK_BYTES_MAX])
        assert answer.status_code == 200, answer.content
        at += rules.CHUNK_BYTES_MAX
    assert answer.json()["attachment_id"]
    # The last piece again, because its answer was lost: the same file, attached once.
    assert put(town, upload, at, b"x").json() == answer.json()
    assert Attachment.objects.count() == 1


def test_what_arrives_must_be_what_was_announced(town: Town) -> None:
    content = samples.photograph()
    upload = announce(town, content).json()["id"]
    answer = put(town, upload, 0, content[:-1] + b"?")
    assert answer.json()["code"] == "attachments.differs"
    assert not Upload.objects.exists()
    assert list((town.home / "uploads").iterdir()) == []


def test_the_same_content_twice_is_one_blob_and_two_facts(town: Town) -> None:
    content = samples.photograph()
    first = attached(town, content)
    second = attached(town, content, owner_id=town.household("h2"))
    assert first != second
    assert Attachment.objects.count() == 2
    assert len(on_disk(town.home)) == 3
    erase(first)
    jobs.sweep_gone(None)
    assert fetch(town, second).getvalue() == content, "another row still speaks of it"
    erase(second)
    jobs.sweep_gone(None)
    assert on_disk(town.home) == set()


@pytest.mark.parametrize(
    ("content", "name", "code", "status"),
    [
        (samples.SVG, "图.jpg", "active", 415),
        (samples.HTML, "a.pdf", "active", 415),
        (b"MZ" + bytes(100), "photo.jpg", "not_taken", 415),
        (samples.pixel_bomb(), "a.png", "bomb", 422),
        (samples.zip_bomb(), "名单.docx", "bomb", 422),
        (samples.paper(**{"word/vbaProject.bin": b"x"}), "a.docx", "active", 415),
        (samples.paper("密级：机密"), "方案.docx", "marked_secret", 422),
        (samples.paper("绝密★长期", "xlsx"), "表.xlsx", "marked_secret", 422),
        (samples.photograph()[:900], "a.jpg", "broken", 422),
    ],
)
def test_what_is_refused_leaves_nothing(
    town: Town, content: bytes, name: str, code: str, status: int
) -> None:
    before = StoredFact.objects.count()
    answer = send(town, content, file_name=name)
    assert (answer.status_code, answer.json()["code"]) == (status, f"attachments.{code}")
    assert list((town.home / "uploads").iterdir()) == []
    assert on_disk(town.home) == set()
    assert StoredFact.objects.count() == before
    assert not Upload.objects.exists()


def test_a_marked_name_is_refused_before_the_first_byte(town: Town) -> None:
    answer = announce(town, samples.photograph(), file_name="【机密】布防图.jpg")
    assert answer.json()["code"] == "attachments.marked_secret"
    assert "非涉密系统" in answer.json()["zh"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize("who", ["baishui", "shuikou_a", "gaozhai_a"])
def test_who_does_not_see_the_row_does_not_find_its_files(town: Town, who: str) -> None:
    one = attached(town, samples.photograph())
    assert fetch(town, one, who).status_code == 404
    assert announce(town, samples.photograph(), who).status_code == 404
    path = f"{API}/ledgers/households/rows/{town.household()}/attachments"
    assert town.client(who).get(path).status_code == 404
    reason = {"reason": "与本户无关"}
    withdrawal = town.client(who).post(
        f"{API}/attachments/{one}/withdraw", reason, content_type="application/json"
    )
    assert withdrawal.status_code == 404


def test_who_sees_the_row_but_may_not_change_it_may_look_only(town: Town) -> None:
    one = attached(town, samples.photograph())
    assert fetch(town, one, "shitan_grid").status_code == 200
    assert announce(town, samples.PDF, "shitan_grid").status_code == 403
    assert fetch(town, one, "shitan_grid", size="thumbnail").status_code == 200


def test_another_persons_upload_is_not_found(town: Town) -> None:
    upload = announce(town, samples.PDF).json()["id"]
    assert put(town, upload, 0, samples.PDF, "officer").status_code == 404
    assert town.client("officer").get(f"{API}/attachments/uploads/{upload}").status_code == 404


def test_a_visitor_gets_nothing(town: Town) -> None:
    from django.test import Client

    one = attached(town, samples.PDF)
    assert Client().get(f"{API}/attachments/{one}").status_code == 401


def test_ranges(town: Town) -> None:
    content = samples.photograph()
    one = attached(town, content)
    part = fetch(town, one, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.getvalue()) == (206, content[10:20])
    assert part["Content-Range"] == f"bytes 10-19/{len(content)}"
    assert fetch(town, one, headers={"Range": "bytes=-5"}).getvalue() == content[-5:]
    beyond = fetch(town, one, headers={"Range": f"bytes={len(content)}-"})
    assert beyond.status_code == 416
    assert fetch(town, one, headers={"Range": "bytes=0-1,4-5"}).status_code == 200


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [
        ("FREE_BYTES_KEPT", 1 << 60, "no_room_disk"),
        ("NODE_BYTES_MAX", 0, "no_room_node"),
        ("PERSON_BYTES_A_DAY_MAX", 0, "no_room_person"),
        ("PERSON_UPLOADS_MAX", 0, "too_many_uploads"),
    ],
)
def test_no_room_is_said_before_the_first_byte(
    town: Town, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, code: str
) -> None:
    monkeypatch.setattr(rules, limit, value)
    answer = announce(town, samples.photograph())
    assert answer.json()["code"] == f"attachments.{code}"
    said = town.client().get(f"{API}/attachments/limits").json()
    assert said["refusal"]
    assert said["statement_zh"].startswith("本系统为非涉密系统，严禁上传秘密级及以上")


def test_quota_counts_what_is_begun(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "PERSON_BYTES_A_DAY_MAX", 150)
    assert announce(town, samples.PDF).status_code == 200
    answer = announce(town, samples.PDF + b" " * 20)
    assert answer.json()["code"] == "attachments.no_room_person"


def test_too_large_of_its_kind(town: Town) -> None:
    answer = announce(town, b"#!AMR\n", bytes=6 * 1024 * 1024)
    refused = put(town, answer.json()["id"], 0, b"#!AMR\n" + bytes(1000))
    assert refused.json()["code"] == "attachments.too_large"
    assert announce(town, b"x", bytes=1 << 40).json()["code"] == "attachments.too_large"


def erase(attachment_id: int) -> None:
    (row,) = [
        stored
        for stored in StoredFact.objects.filter(kind=350)
        if int.from_bytes(bytes(stored.fact_id)[:8], "big") >> 1 == attachment_id
    ]
    erase_leaves(viewer=node_viewer(), fact_id=bytes(row.fact_id), reason="按规定")


def test_an_erasure_takes_name_place_and_content(town: Town) -> None:
    one = attached(town, samples.photograph(), file_name="示意甲家门前.jpg")
    erase(one)
    assert jobs.sweep_gone(None) is False
    assert on_disk(town.home) == set()
    assert len(erasures.blobs(town.home)) == 3, "backups are told that nobody may keep it"
    row = Attachment.objects.get()
    assert (row.file_name, row.lon_e7, row.lat_e7, row.taken_at) == ("", None, None, None)
    assert fetch(town, one).status_code == 410
    assert not any("示意甲家".encode() in bytes(one.body) for one in StoredFact.objects.all())


def test_what_is_handed_in_again_is_kept_again(town: Town) -> None:
    erase(attached(town, samples.PDF))
    jobs.sweep_gone(None)
    assert len(erasures.blobs(town.home)) == 1
    attached(town, samples.PDF)
    assert erasures.blobs(town.home) == set()
    assert len(on_disk(town.home)) == 1


def test_withdrawn_files_stay_five_weeks_and_then_go(town: Town, clock: Any) -> None:
    one = attached(town, samples.photograph())
    answer = town.client().post(
        f"{API}/attachments/{one}/withdraw",
        {"reason": "拍错了地方"},
        content_type="application/json",
    )
    assert answer.status_code == 204
    assert fetch(town, one).status_code == 410
    jobs.sweep_gone(None)
    assert len(on_disk(town.home)) == 3
    clock.forward(days=36)
    jobs.sweep_gone(None)
    assert on_disk(town.home) == set()


def test_a_withdrawal_needs_a_reason(town: Town) -> None:
    one = attached(town, samples.PDF)
    with pytest.raises(Problem, match="reason_needed"):
        services.withdraw(viewer=town.viewer(), attachment_id=one, reason=" ")


def test_contents_without_a_fact_go_after_two_hours(town: Town) -> None:
    (town.home / "stray").write_bytes(b"stray")
    digest = blobs.put(town.home, town.home / "stray")
    services.sweep_orphans(digest[:2])
    assert blobs.has(town.home, digest), "its fact may be on the way"
    long_ago = 1_000_000_000
    os.utime(blobs.path_of(town.home, digest), (long_ago, long_ago))
    services.sweep_orphans(digest[:2])
    assert not blobs.has(town.home, digest)


def test_what_has_not_come_is_said_to_be_elsewhere(town: Town) -> None:
    one = attached(town, samples.photograph())
    for path in blobs.all_in(town.home):
        path.unlink()
    (item,) = queries.of_row("households", town.household(), viewer=town.viewer())
    assert item["presence"] == "not_here"
    assert "未到" in item["presence_zh"]
    assert fetch(town, one).json()["code"] == "attachments.not_here"
    assert queries.integrity()["not_here"] == 1


def test_integrity_tells_a_damaged_content(town: Town) -> None:
    attached(town, samples.photograph())
    attached(town, samples.PDF)
    assert queries.integrity() == {"files": 2, "here": 2, "not_here": 0, "damaged": 0}
    path = blobs.path_of(town.home, hashlib.sha256(samples.PDF).hexdigest())
    path.write_bytes(samples.PDF + b"?")
    assert queries.integrity()["damaged"] == 1


def test_uploads_nobody_finished_go_after_a_day(town: Town, clock: Any) -> None:
    upload = announce(town, samples.photograph()).json()["id"]
    put(town, upload, 0, samples.photograph()[:400])
    clock.forward(hours=25)
    assert services.forget_old_uploads() == 1
    assert list((town.home / "uploads").iterdir()) == []


def test_a_name_is_nowhere_but_in_the_leaf_that_can_be_erased(town: Town) -> None:
    attached(town, samples.photograph(), file_name="示意甲住址.jpg")
    assert Upload.objects.get().file_name == ""
    stored = StoredFact.objects.get(kind=350)
    leaf_0 = __import__("cbor2").loads(bytes(stored.body))[0]
    assert "示意甲".encode() not in leaf_0
    assert json.dumps(samples.LAT_E7).encode() not in leaf_0
