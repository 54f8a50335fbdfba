"""Whatever is wrong with a document is said in two languages, in whole sentences."""

from __future__ import annotations

import importlib
import pkgutil
import re

import fengsui.gateways
from fengsui.config.commands import warning
from fengsui.gateways.findings import VALUE_SHOWN_MAX, FindingKind


def kinds() -> dict[str, FindingKind]:
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(fengsui.gateways.__path__, "fengsui.gateways.")
        if ".channels" not in found.name
    ]
    return {
        kind.code: kind
        for module in (*modules, warning)
        for kind in vars(module).values()
        if isinstance(kind, FindingKind)
    }


def test_every_finding_speaks_chinese_and_english_in_sentences():
    assert len(kinds()) > 50
    for code, kind in kinds().items():
        english = re.sub(r"“[^”]*”|《[^》]*》", "", kind.en)
        assert re.search("[\u4e00-\u9fff]", kind.zh), code
        assert not re.search("[\u4e00-\u9fff]", english), code
        assert kind.zh[-1] in "。！？", code
        assert kind.en[-1] in ".!?", code
        assert set(re.findall(r"{(\w+)}", kind.zh)) == set(re.findall(r"{(\w+)}", kind.en)), code


def test_a_hostile_value_cannot_fill_a_screen_or_break_a_line():
    kind = FindingKind("test.long", "值“{value}”。", "The value “{value}”.")

    finding = kind(value="攻击\n\x1b[2J" + "x" * 100_000)

    assert len(finding.zh) < VALUE_SHOWN_MAX + 20
    assert "\n" not in finding.zh
    assert "\x1b" not in finding.zh
