"""A county with a ledger of households, on a home folder of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.attachments import queries
from fengsui.foundation.people.models import Household
from tests.world import county as world

# A register as `ledger.py` declares it, in what attachments ask of it.
HOUSEHOLDS = SimpleNamespace(
    name="households",
    place="place_code",
    see=Permission.SEE_HOUSEHOLDS,
    edit=Permission.EDIT_REGISTERS,
    register=SimpleNamespace(model=Household),
)


@dataclass
class Town:
    """The county, and people at their browsers."""

    county: world.County
    home: Path

    def household(self, who: str = "h1") -> str:
        return str(self.county.ids[who])

    def viewer(self, who: str = "qingshi") -> Viewer:
        return self.county.viewer(who)

    def client(self, who: str = "qingshi") -> Client:
        client = Client()
        session = client.session
        session[SESSION_PERSON] = self.county.ids[who]
        session.save()
        return client


@pytest.fixture
def town(node: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Town:
    settings.HOME = tmp_path
    monkeypatch.setattr(queries, "_declared", lambda: {"households": HOUSEHOLDS})
    return Town(world.build(), tmp_path)
