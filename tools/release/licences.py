"""Who wrote what is in the bundle, and under which licence it may be passed on."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from tools.release.wheel import CannotBuildError

# What docs/dependencies.md accepts; matched against the whole declared text.
ACCEPTED = re.compile(
    r"\b(MIT(-CMU)?|BSD|Apache|ISC|LGPL|MPL|OFL|PSF|HPND|Python Software Foundation|zlib)\b", re.I
)
REFUSED = re.compile(r"\b(AGPL|(?<!L)GPL|Affero|SSPL|BUSL)\b|(?<!Lesser )General Public", re.I)


@dataclass(frozen=True, slots=True)
class Part:
    """One package in the bundle."""

    name: str
    version: str
    licence: str
    where: str


def of_wheel(path: Path) -> Part:
    with zipfile.ZipFile(path) as opened:
        (name,) = [
            one for one in opened.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one)
        ]
        head = HeaderParser().parsestr(opened.read(name).decode("utf-8"))
    declared = head.get("License-Expression") or ""
    classified = [
        one.rsplit(" :: ", 1)[1]
        for one in head.get_all("Classifier") or ()
        if one.startswith("License ::")
    ]
    # The old field sometimes holds the whole text of the licence.
    first = (head.get("License") or "").strip().splitlines()[:1]
    licence = declared or ", ".join(classified) or "".join(first)
    return Part(str(head["Name"]), str(head["Version"]), licence, "wheelhouse")


def of_pages(lock: Path) -> list[Part]:
    """What vite packed into the pages: everything in the lock that is not for development."""
    packages = json.loads(lock.read_text())["packages"]
    return [
        Part(path.rpartition("node_modules/")[2], entry["version"], entry["license"], "pages")
        for path, entry in sorted(packages.items())
        if "node_modules/" in path and not entry.get("dev") and not entry.get("link")
    ]


def refused(parts: Iterable[Part]) -> list[Part]:
    return [
        part
        for part in parts
        if not ACCEPTED.search(part.licence)
        or (REFUSED.search(part.licence) and not re.search(r"\bOR\b", part.licence))
    ]


def page(parts: Iterable[Part]) -> str:
    """LICENCES.md of the bundle. Raises CannotBuildError where one may not be passed on."""
    listed = sorted(set(parts), key=lambda part: (part.where, part.name.lower(), part.version))
    if bad := refused(listed):
        named = ", ".join(f"{part.name} ({part.licence or 'none declared'})" for part in bad)
        raise CannotBuildError(f"licences that are not accepted: {named}")
    lines = [_HEAD]
    lines += [f"| {one.name} | {one.version} | {one.licence} | {one.where} |" for one in listed]
    return "\n".join(lines) + "\n"


_HEAD = """# 许可证 · Licences

烽燧 Fengsui: Apache-2.0 (LICENSE, NOTICE). 随附的组件如下；全文在各自的 wheel 里（`*.dist-info`）。
The parts that come along; the full texts are inside each wheel (`*.dist-info`).

| Package | Version | Licence | Where |
|---|---|---|---|"""
