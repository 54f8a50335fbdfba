"""What a line of a contact list holds beside the person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people.models import ContactPoint, Post, PostHolding
from fengsui.foundation.people.queries.rows import chunked
from fengsui.foundation.people.states import ContactKind

PostName = tuple[str, str, str]  # place code, role, title


def contact_lines(person_ids: Iterable[int], *, viewer: Viewer) -> dict[int, dict[str, Any]]:
    """Person id -> {"phone" (full: the caller masks it), "contact_point_id", "role", "title",
    "slot", "holding_id", "post_id", "post_place_code"}: the first number, the first post (A
    before B). Only what is in sight; every id asked for is there.
    """
    wanted = list(dict.fromkeys(person_ids))
    lines: dict[int, dict[str, Any]] = {one: {} for one in wanted}
    seen = visible(viewer, Permission.SEE_PEOPLE)
    for ids in chunked(wanted):
        numbers = (
            ContactPoint.objects.filter(
                seen, person_id__in=ids, kind=ContactKind.PHONE, is_withdrawn=False
            )
            .exclude(value="")
            .order_by("-id")
            .values_list("person_id", "id", "value")
        )
        for person, one, value in numbers:  # the first comes last and stays
            lines[person] |= {"phone": value, "contact_point_id": one}
        held = (
            PostHolding.objects.filter(
                seen, person_id__in=ids, until_at__isnull=True, post__is_withdrawn=False
            )
            .order_by("-slot", "-id")
            .values_list(
                "person_id", "id", "slot", "post_id", "post__role", "post__title",
                "post__place_code",
            )
        )  # fmt: skip
        for person, one, slot, post, role, title, code in held:
            lines[person] |= {
                "holding_id": one,
                "slot": slot,
                "post_id": post,
                "role": role,
                "title": title,
                "post_place_code": code,
            }
    return lines


def posts_held(person_ids: Iterable[int], *, viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    """Person id -> every post they hold now, as {"role", "title", "slot"}; only in sight."""
    found: dict[int, list[dict[str, Any]]] = {}
    seen = visible(viewer, Permission.SEE_PEOPLE)
    for ids in chunked(list(dict.fromkeys(person_ids))):
        held = PostHolding.objects.filter(
            seen, person_id__in=ids, until_at__isnull=True, post__is_withdrawn=False
        ).values_list("person_id", "post__role", "post__title", "slot")
        for person, role, title, slot in held.order_by("slot", "id"):
            found.setdefault(person, []).append({"role": role, "title": title, "slot": slot})
    return found


def posts_by_name(wanted: Sequence[PostName], *, viewer: Viewer) -> dict[PostName, int]:
    """The current posts of these places, duties and titles; the oldest where there are several."""
    names = set(wanted)
    codes = sorted({one[0] for one in names})
    found: dict[PostName, int] = {}
    rows = (
        Post.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), place_code__in=codes, is_withdrawn=False
        )
        .order_by("-id")
        .values_list("place_code", "role", "title", "id")
    )
    for code, role, title, one in rows:
        if (code, role, title) in names:
            found[(code, role, title)] = one
    return found


def post_names(post_ids: Iterable[int], *, viewer: Viewer) -> Mapping[int, str]:
    """Post id -> title, of those in sight; withdrawn posts keep their name."""
    return {
        one: title
        for ids in chunked(post_ids)
        for one, title in Post.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), pk__in=ids
        ).values_list("pk", "title")
    }
