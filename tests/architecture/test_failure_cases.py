"""Each of the 25 failure cases has a named test, and the page about them tells the truth.

A test of case 7 is a function named `test_case_07_…`, anywhere under fengsui/ or tests/, that is
not skipped and not expected to fail.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "failure-cases.md"
CASES = range(1, 26)
_NAME = re.compile(r"test_case_(\d\d)_[a-z0-9_]+$")
_EXCUSES = ("skip", "skipif", "xfail", "importorskip")


@cache
def cases_and_tests() -> dict[int, dict[str, str]]:
    """Case -> {test name: file}, without those that are skipped."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for top in ("fengsui", "tests"):
        for path in sorted((ROOT / top).rglob("*.py")):
            text = path.read_text()
            if "def test_case_" in text:
                for name in _tests_of(ast.parse(text)):
                    match = _NAME.match(name)
                    assert match is not None, f"{path}: {name}"
                    found[int(match[1])][name] = str(path.relative_to(ROOT))
    return found


def _tests_of(module: ast.Module) -> list[str]:
    if any(isinstance(node, ast.Assign) and _excuses(node) for node in module.body):
        return []  # the whole file is marked
    return [
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_case_")
        and not any(_excuses(decorator) for decorator in node.decorator_list)
        and not any(_calls_skip(line) for line in node.body)
    ]


def _excuses(node: ast.AST) -> bool:
    names = {inner.attr for inner in ast.walk(node) if isinstance(inner, ast.Attribute)}
    return bool(names & set(_EXCUSES))


def _calls_skip(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Call) and _excuses(line)


@pytest.mark.parametrize("case", CASES)
def test_every_failure_case_has_a_test_of_its_own(case: int) -> None:
    assert cases_and_tests()[case], f"no test_case_{case:02}_… that is not skipped"


def test_no_test_names_a_case_that_does_not_exist() -> None:
    assert set(cases_and_tests()) <= set(CASES)


@pytest.mark.parametrize("case", CASES)
def test_the_page_names_only_tests_that_exist_and_one_for_each_case(case: int) -> None:
    rows = dict(re.findall(r"^\| (\d+) \|(.*)$", PAGE.read_text(), re.MULTILINE))
    named = set(re.findall(r"`(test_case_[a-z0-9_]+)`", rows[str(case)]))

    assert named
    assert named <= set(cases_and_tests()[case])


def test_a_skipped_test_does_not_count() -> None:
    module = ast.parse(
        "@pytest.mark.skip\ndef test_case_01_a(): ...\n"
        "@pytest.mark.xfail(reason='x')\ndef test_case_01_b(): ...\n"
        "def test_case_01_c():\n    pytest.skip('no')\n"
        "def test_case_01_d(): ...\n"
    )
    assert _tests_of(module) == ["test_case_01_d"]
