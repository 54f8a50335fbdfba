"""One fact → rows. A version is added, never altered; of a route the later word stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.foundation.journal.facts import Fact
from fengsui.readiness.policies.models import (
    HumanRoute,
    Lines,
    PolicyVersion,
    RouteTrial,
    TemplateVersion,
)

PROJECTION_VERSION = 1


def apply_policy_adopted(fact: Fact) -> None:
    PolicyVersion.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "name": fact.fields["name"],
            "policy": fact.fields["policy"],
            "based_on": fact.fields["based_on"] or 0,
            "reason": fact.fields["reason"],
            "adopted_by": fact.actor,
            "adopted_at": fact.at,
            "hlc": fact.hlc,
        },
    )


def apply_lines_stated(fact: Fact) -> None:
    Lines.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "lines": fact.fields["lines"],
            "seconds_a_call": fact.fields["seconds_a_call"],
            "reason": fact.fields["reason"],
            "stated_by": fact.actor,
            "stated_at": fact.at,
            "hlc": fact.hlc,
        },
    )


def apply_template_adopted(fact: Fact) -> None:
    TemplateVersion.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "place_code": fact.scope,
            "name": fact.fields["name"],
            "texts": fact.fields["texts"],
            "reason": fact.fields["reason"],
            "adopted_by": fact.actor,
            "adopted_at": fact.at,
            "hlc": fact.hlc,
        },
    )


def apply_route_stated(fact: Fact) -> None:
    household_id = fact.fields["household_id"]
    row = HumanRoute.objects.filter(pk=household_id).first()
    if row is not None and (row.hlc, row.stated_by) > (fact.hlc, fact.actor):
        return
    # Erased: that somebody goes there stays, for whom and why does not.
    said = fact.personal or {"need": "", "language": "", "way": "", "note": ""}
    HumanRoute.objects.update_or_create(
        id=household_id,
        defaults={
            "place_code": fact.scope,
            "person_id": fact.fields["person_id"] or 0,
            "need": said["need"],
            "language": said["language"],
            "way": said["way"],
            "note": said["note"],
            "stated_by": fact.actor,
            "stated_at": fact.at,
            "hlc": fact.hlc,
        },
    )


def apply_route_tried(fact: Fact) -> None:
    note = (fact.personal or {"note": ""})["note"]
    RouteTrial.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "household_id": fact.fields["household_id"],
            "place_code": fact.scope,
            "worked": fact.fields["worked"],
            "note": note,
            "tried_by": fact.actor,
            "tried_at": fact.at,
        },
    )


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "policies.policy_adopted": apply_policy_adopted,
    "policies.lines_stated": apply_lines_stated,
    "policies.template_adopted": apply_template_adopted,
    "policies.route_stated": apply_route_stated,
    "policies.route_tried": apply_route_tried,
}
