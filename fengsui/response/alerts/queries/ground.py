"""Whose ground is this: the place a node speaks for, and what its places are called."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.places import queries as places
from fengsui.response.alerts.errors import NO_COUNTY
from fengsui.standards.divisions import full_code


def owner_place() -> str:
    """The place this node serves: its certificate's, else the topmost one it holds.

    A township holds the county's places too, but speaks for itself alone. Raises alerts.no_county
    on an empty node.
    """
    scope = nodes.own().scope
    if scope:
        return full_code(scope)
    place = places.node_place()
    if place is None:
        raise NO_COUNTY()
    return str(place.code)


def office_name(code: str) -> str:
    return f"{''.join(names_of([code]))}应急值班室"


def trust_anchors() -> list[bytes]:
    """Certificates (PEM) in the node's folder `trust/` whose signatures this county believes."""
    folder = Path(settings.HOME) / "trust"
    return [path.read_bytes() for path in sorted(folder.glob("*.pem"))]


def names_of(codes: Sequence[str]) -> list[str]:
    names = places.names(codes, viewer=node_viewer())
    return [names[code] for code in codes if code in names]


def codes_named_in(text: str, *, within: str) -> list[str]:
    """Townships and villages of this node whose names stand in a bulletin's text."""
    return places.codes_named_in(text, within=within, viewer=node_viewer())
