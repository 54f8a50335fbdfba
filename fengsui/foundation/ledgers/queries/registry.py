"""The ledgers that the installed apps declare."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.ledgers.rules import Ledger

# The tests bring an app of their own, which stands for any app.
OUR_PACKAGES = ("fengsui.", "tests.")


@lru_cache(maxsize=1)
def all_ledgers() -> Mapping[str, Ledger]:
    """Every ledger by name, in the order of the installed apps. For the program itself."""
    found: dict[str, Ledger] = {}
    for config in apps.get_app_configs():
        name = f"{config.name}.ledger"
        # The journal's `ledger` is another word for its book.
        if not config.name.startswith(OUR_PACKAGES) or find_spec(name) is None:
            continue
        for ledger in getattr(import_module(name), "LEDGERS", ()):
            if found.setdefault(ledger.name, ledger) is not ledger:
                raise ValueError(f"the ledger {ledger.name} is declared twice")
    return found


def ledgers(viewer: Viewer) -> list[Ledger]:
    """The ledgers of which the viewer may see any row."""
    return [one for one in all_ledgers().values() if viewer.scopes(one.see)]


def ledger(name: str, viewer: Viewer) -> Ledger:
    """One ledger. Raises access.not_found where the viewer may see none of its rows."""
    found = all_ledgers().get(name)
    if found is None or not viewer.scopes(found.see):
        raise NOT_FOUND()
    return found


def top_place() -> str:
    """The topmost place of this node, from the ledger of places; "" on a node without any."""
    places = all_ledgers().get("places")
    if places is None:
        return ""
    rows = places.register.model._default_manager.filter(is_withdrawn=False)
    codes = list(rows.filter(parent_code="").order_by("code").values_list("code", flat=True)[:2])
    return str(codes[0]) if codes else ""
