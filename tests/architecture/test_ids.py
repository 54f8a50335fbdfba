"""A browser holds 53 bits and an id has 63: in the API every id is a string."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

DOCUMENT = json.loads((Path(__file__).parents[2] / "spec" / "openapi.json").read_text())


def kinds(schema: dict[str, Any]) -> set[str]:
    if "anyOf" in schema:
        return {kind for one in schema["anyOf"] for kind in kinds(one)}
    if schema.get("type") == "array":
        return kinds(schema["items"])
    return {schema.get("type", "")}


def test_every_id_in_a_body_is_a_string() -> None:
    numbers = [
        f"{name}.{field}"
        for name, schema in DOCUMENT["components"]["schemas"].items()
        for field, shape in schema.get("properties", {}).items()
        if (field == "id" or field.endswith(("_id", "_ids"))) and "integer" in kinds(shape)
    ]
    assert numbers == []
    assert len(DOCUMENT["components"]["schemas"]) > 20
