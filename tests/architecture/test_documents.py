"""What is written about the program is checked against the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture import generated

ROOT = Path(__file__).parents[2]
REQUIRED = (
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "GLOSSARY.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "LICENSE",
    "NOTICE",
    "docs/dependencies.md",
    "docs/interfaces/settings.md",
    "docs/roles/duty-officer.md",
    "docs/roles/duty-leader.md",
    "docs/roles/township.md",
    "docs/roles/village.md",
    "docs/roles/grid-worker.md",
    "docs/roles/administrator.md",
)
ADR_HEADINGS = ("## Context", "## Decision", "## Consequences", "## Checked by")


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", REQUIRED)
def test_what_every_reader_expects_is_there(name: str) -> None:
    assert (ROOT / name).stat().st_size > 200


@pytest.mark.parametrize("name", sorted(generated.GENERATED))
def test_generated_files_say_what_the_code_says(name: str) -> None:
    assert (ROOT / name).read_text() == generated.GENERATED[name](), "run `make spec`"


def test_every_setting_is_explained() -> None:
    page = (ROOT / "docs" / "interfaces" / "settings.md").read_text()
    missing = {name for name in generated.settings_in_code() if f"`{name}`" not in page}
    assert missing == set()


def test_no_setting_is_explained_that_is_not_read() -> None:
    page = (ROOT / "docs" / "interfaces" / "settings.md").read_text()
    explained = set(re.findall(r"^\| `(FENGSUI_[A-Z_]+)`", page, re.MULTILINE))
    assert explained - generated.settings_in_code() == set()


def test_every_problem_speaks_both_languages_and_ends_its_sentence() -> None:
    """A refusal is read at three in the morning: it must be a sentence in either language."""
    poor = [
        kind.code
        for kind in generated.problem_kinds()
        if not re.search(r"[\u4e00-\u9fff]", kind.zh)
        or re.search(r"[\u4e00-\u9fff]", kind.en)
        or kind.zh[-1] not in "。！？}"
        or kind.en[-1] not in ".!?}"
    ]
    assert poor == []


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in pages():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
            is_address = target.startswith(("http:", "https:", "mailto:"))
            if not is_address and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []


def test_every_make_target_in_the_documents_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        (page.name, target)
        for page in pages()
        for target in re.findall(r"`make ([a-z-]+)", page.read_text())
    }
    assert {one for one in named if one[1] not in targets} == set()


def test_decisions_are_one_page_with_four_headings() -> None:
    decisions = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [page.name[:4] for page in decisions]
    assert len(set(numbers)) == len(numbers) > 0
    for page in decisions:
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page.name), page.name
        text = page.read_text()
        assert len(text.splitlines()) <= 90, page.name
        positions = [text.find(heading) for heading in ADR_HEADINGS]
        assert -1 not in positions, page.name
        assert positions == sorted(positions), page.name


def test_every_dependency_has_its_line() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    text = (ROOT / "pyproject.toml").read_text()
    declared = re.findall(r'^    "([a-z0-9-]+)[\[>=<]', text, re.MULTILINE)
    assert declared
    assert [name for name in declared if f"| {name} |" not in page] == []
