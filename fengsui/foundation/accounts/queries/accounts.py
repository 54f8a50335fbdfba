"""Who has an account: for the township over its own places, for the county over all."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Max, Q

from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND
from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.accounts.models import Credential, Factor, RoleGrant, SignIn, Throttle
from fengsui.foundation.accounts.queries.roles import role_names
from fengsui.foundation.accounts.queries.viewers import desk_now, in_force
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Person
from fengsui.foundation.places.queries import names
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import to_iso

KEEPERS = (Permission.MANAGE_ACCOUNTS, Permission.ENROL_PEOPLE)
PAGE = 50
CANDIDATES = 20


def kept_scopes(viewer: Viewer) -> tuple[Scope, ...]:
    """Where the viewer looks after accounts. Raises access.not_allowed where nowhere."""
    scopes = tuple(scope for one in KEEPERS for scope in viewer.scopes(one))
    if not scopes:
        raise NOT_ALLOWED(permission=Permission.ENROL_PEOPLE.value, place="")
    return scopes


def accounts(
    *, viewer: Viewer, search: str = "", under: str = "", after: int = 0, limit: int = PAGE
) -> dict[str, Any]:
    """People with a role in the viewer's places, by their id: {"items", "next", "total"}."""
    seen = in_scopes("place_code", kept_scopes(viewer))
    if under:
        seen &= in_scopes("place_code", (Scope.of(under),))
    held = RoleGrant.objects.filter(seen, in_force(clock.now()))
    people = Person.objects.filter(id__in=held.values("person_id"))
    if search:
        people = people.filter(name__contains=search)
    total = people.count()
    taken = list(people.filter(id__gt=after).order_by("id")[: limit + 1])
    page = taken[:limit]
    return {
        "items": _plain(page, viewer),
        "next": str(page[-1].pk) if len(taken) > limit else None,
        "total": total,
    }


def account(person_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One account; raises access.not_found where the person holds nothing in sight."""
    found = _plain(list(Person.objects.filter(id=person_id)), viewer)
    if not found or not found[0]["grants"]:
        raise NOT_FOUND()
    return found[0]


def _plain(people: list[Person], viewer: Viewer) -> list[dict[str, Any]]:
    ids = [one.pk for one in people]
    seen = in_scopes("place_code", kept_scopes(viewer))
    grants: dict[int, list[RoleGrant]] = defaultdict(list)
    for row in RoleGrant.objects.filter(seen, in_force(clock.now()), person_id__in=ids).order_by(
        "id"
    ):
        grants[row.person_id].append(row)
    words = role_names()
    codes = {row.place_code for rows in grants.values() for row in rows}
    places = names(codes | {one.place_code for one in people}, viewer=viewer)
    secrets = _secrets(ids)
    return [
        {
            "person_id": str(one.pk),
            "name": one.name,
            "place_code": full_code(one.place_code),
            "place_name": places.get(one.place_code, ""),
            "is_self": one.pk == viewer.person_id,
            "grants": [_grant(row, words, places) for row in grants[one.pk]],
            **secrets[one.pk],
        }
        for one in people
    ]


def _grant(
    row: RoleGrant, words: dict[str, tuple[str, str]], places: dict[str, str]
) -> dict[str, Any]:
    zh, en = words.get(row.role, (row.role, row.role))
    return {
        "id": str(row.pk),
        "role": row.role,
        "zh": zh,
        "en": en,
        "place_code": full_code(row.place_code),
        "place_name": places.get(row.place_code, ""),
        "until_at": to_iso(row.until_at) if row.until_at else None,
    }


def _secrets(ids: list[int]) -> dict[int, dict[str, Any]]:
    """What is set up on this node for each person; local tables, asked once for all."""
    credentials = {row.person_id: row for row in Credential.objects.filter(person_id__in=ids)}
    factors = set(
        Factor.objects.filter(person_id__in=ids)
        .exclude(confirmed_at=None)
        .values_list("person_id", flat=True)
    )
    locks = _locked([row.sign_in_name for row in credentials.values()])
    entered = SignIn.objects.filter(person_id__in=ids, outcome="in").values("person_id")
    last = dict(entered.annotate(last=Max("at")).values_list("person_id", "last"))
    return {
        one: {
            "sign_in_name": credentials[one].sign_in_name if one in credentials else "",
            "has_factor": one in factors,
            "is_locked": one in credentials and credentials[one].sign_in_name in locks,
            "last_at": to_iso(last[one]) if one in last else None,
        }
        for one in ids
    }


def _locked(sign_in_names: list[str]) -> set[str]:
    keys = {f"name:{name}": name for name in sign_in_names}
    rows = Throttle.objects.filter(key__in=list(keys), locked_until__gt=desk_now())
    return {keys[row.key] for row in rows}


def candidates(*, viewer: Viewer, search: str) -> list[dict[str, str]]:
    """People of the register in the viewer's places whose name contains the text."""
    text = search.strip()
    if not text:
        return []
    seen: Q = in_scopes("place_code", kept_scopes(viewer))
    rows = list(
        Person.objects.filter(seen, name__contains=text, is_withdrawn=False).order_by("id")[
            :CANDIDATES
        ]
    )
    places = names({row.place_code for row in rows}, viewer=viewer)
    return [
        {
            "person_id": str(row.pk),
            "name": row.name,
            "place_code": full_code(row.place_code),
            "place_name": places.get(row.place_code, ""),
        }
        for row in rows
    ]


def is_in_sight(person_id: int, *, viewer: Viewer) -> bool:
    """Whether a person is of the places whose accounts the viewer looks after."""
    seen = in_scopes("place_code", kept_scopes(viewer))
    return Person.objects.filter(seen, id=person_id, is_withdrawn=False).exists()
