"""A stand-in's way in: the post's role, there and until the end, and a link for one sign-in.

Who stands in without an account gets a link. Whoever has rights of their own gets none: the link
would carry them all to whoever holds it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import segno
from django.http import HttpRequest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Scope, Viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.models import Credential, RoleGrant
from fengsui.foundation.accounts.queries import in_force, role_as_data
from fengsui.foundation.journal import clock
from fengsui.standards.instants import BEIJING

LINK_HOURS_MAX = 24


def lend(viewer: Viewer, standing: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """{"link", "qr_picture", "text", "expires_at", "no_link"} for one stand-in in force.

    `standing`: as `people.queries.standing_in`. `no_link` says in a word why there is none:
    not_yet, no_role, has_account, not_allowed; then the other four are empty. The calls reach
    the person all the same.
    """
    now = clock.now()
    why = _why_not(viewer, standing, now)
    if why == "":
        why = _grant(viewer, standing, now)
    if why:
        text = _text(standing, "")
        return {"link": "", "qr_picture": "", "text": text, "expires_at": None, "no_link": why}
    left = standing["until_at"] - now
    hours = max(1, min(LINK_HOURS_MAX, -(-left // timedelta(hours=1))))
    token = accounts.make_one_time_link(standing["person_id"], hours=hours)
    link = request.build_absolute_uri(f"/link/{token}")
    return {
        "link": link,
        "qr_picture": segno.make(link, error="m").svg_data_uri(scale=4, border=3, light="#fff"),
        "text": _text(standing, link),
        "expires_at": min(standing["until_at"], now + timedelta(hours=hours)),
        "no_link": "",
    }


def take_back(viewer: Viewer, standing: dict[str, Any]) -> None:
    """What was lent with a stand-in that has ended early ends with it, wherever it is in use."""
    rows = RoleGrant.objects.filter(
        in_force(clock.now()),
        person_id=standing["person_id"],
        role=standing["role"],
        place_code=standing["place_code"],
        until_at=standing["until_at"],
    )
    for grant_id in list(rows.values_list("id", flat=True)):
        accounts.revoke_role(
            viewer=replace(viewer, is_node=True), grant_id=grant_id, reason="顶岗提前结束"
        )


def has_rights(person_id: int) -> bool:
    """True where the person has a role or a password here."""
    return (
        RoleGrant.objects.filter(in_force(clock.now()), person_id=person_id).exists()
        or Credential.objects.filter(person_id=person_id).exists()
    )


def _why_not(viewer: Viewer, standing: dict[str, Any], now: datetime) -> str:
    if not standing["since_at"] <= now < standing["until_at"]:
        return "not_yet"
    if not standing["role"]:
        return "no_role"
    others = RoleGrant.objects.filter(in_force(now), person_id=standing["person_id"]).exclude(
        role=standing["role"], place_code=standing["place_code"], until_at=standing["until_at"]
    )
    if others.exists() or Credential.objects.filter(person_id=standing["person_id"]).exists():
        return "has_account"
    return "" if _may_lend(viewer, standing) else "not_allowed"


def _may_lend(viewer: Viewer, standing: dict[str, Any]) -> bool:
    """Nobody hands on more than they have: all of the role there, or their own post's role.

    One's own must have no end: what one was lent is not lent on. A superior with fewer rights than
    the post carries names the stand-in for the calls, and the holder sends the link.
    """
    place = standing["place_code"]
    role = role_as_data(standing["role"])
    if role is not None and all(viewer.may(one, place) for one in role.permissions):
        return True
    if viewer.person_id != standing["absent_person_id"]:
        return False
    held = RoleGrant.objects.filter(
        person_id=viewer.person_id, role=standing["role"], revoked_at=None, until_at=None
    )
    return any(Scope.of(row.place_code).contains(place) for row in held)


def _grant(viewer: Viewer, standing: dict[str, Any], now: datetime) -> str:
    wanted = {name: standing[name] for name in ("person_id", "role", "place_code", "until_at")}
    if RoleGrant.objects.filter(in_force(now), **wanted).exists():
        return ""
    try:
        accounts.grant_until(
            viewer=replace(viewer, is_node=True),
            person_id=standing["person_id"],
            role=standing["role"],
            place_code=standing["place_code"],
            until_s=int(standing["until_at"].timestamp()),
            reason="临时顶岗",
        )
    except Problem:
        return "not_allowed"
    return ""


def _text(standing: dict[str, Any], link: str) -> str:
    """What to send to the stand-in, in plain words."""
    until: datetime = standing["until_at"].astimezone(BEIJING)
    said = (
        f"{standing['name']}：请您临时顶岗“{standing['place_name']}{standing['title']}”，"
        f"到{until.month}月{until.day}日{until:%H:%M}止。有预警时电话会打给您，请接听并按提示确认。"
    )
    return f"{said}点开即可登录（仅限您本人，用一次）：{link}" if link else said
