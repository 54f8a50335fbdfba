"""A pasted text that is labelled as an exercise is one, and can then reach no real channel."""

import pytest

from fengsui.gateways.protocols import check

TEXT = "示意县气象台2026年07月17日02时10分发布暴雨红色预警信号：预计未来3小时，茶山乡有大暴雨。"


@pytest.mark.parametrize("label", ["【演练】", "（演练）", "演练："])
def test_a_label_makes_it_an_exercise(label):
    assert check(f"{label}{TEXT}".encode()).alerts[0].is_exercise


@pytest.mark.parametrize("text", [TEXT, f"{TEXT}请按演练过的路线转移。"])
def test_a_warning_that_only_speaks_of_drills_stays_real(text):
    assert not check(text.encode()).alerts[0].is_exercise
