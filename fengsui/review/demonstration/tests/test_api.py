"""One button over HTTP."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.django_db(databases=["default", "local"])
def test_only_somebody_signed_in_may_look_or_press() -> None:
    client = Client()
    assert client.get("/api/v1/demonstration").status_code == 401
    reply = client.post("/api/v1/demonstration/start", {}, content_type="application/json")
    assert reply.status_code == 401
    assert reply.json()["code"] == "access.sign_in_first"
