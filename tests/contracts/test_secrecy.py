"""Papers that bear a mark of secrecy are known by it; ordinary language is let through."""

from __future__ import annotations

import pytest

from fengsui.standards.secrecy import LEVELS, mark_in_name, mark_in_text


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "form",
    [
        "{0}★10年",
        "{0}★长期",
        "{0} ★",
        "第一页\n{0}★启用前\n正文",
        "密级：{0}",
        "密 级:{0}",
        "【{0}】名单",
        "（{0} 10年）",
        "{0}",
        "{0}级",
        "正文\n  {0}件  \n正文",
        "{0}☆5年",
        "{0}＊",
    ],
)
def test_marks_are_found(level: str, form: str) -> None:
    assert mark_in_text(form.format(level))
    spaced = f"{level[0]} {level[1]}"
    assert mark_in_text(form.format(spaced))
    assert mark_in_text(form.format(f"{level[0]}\u200b{level[1]}")), "a hidden character between"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "请保守秘密",
        "商业秘密保护制度",
        "这是一个秘密。",
        "机密性与完整性",
        "秘密地转移",
        "内部资料",
        "工作秘密★",
        "密级：无",
        "石滩村花名册",
    ],
)
def test_ordinary_language_is_no_mark(text: str) -> None:
    if text != "工作秘密★":  # a star after the word is taken for a mark: better refused than kept
        assert mark_in_text(text) == ""
    else:
        assert mark_in_text(text)


@pytest.mark.parametrize(
    "name", ["机密-名单.xlsx", "名单_秘密.pdf", "【绝密】图.jpg", "机密★10年 方案.docx", "秘密.png"]
)
def test_names_are_looked_at(name: str) -> None:
    assert mark_in_name(name)


@pytest.mark.parametrize("name", ["不是秘密.jpg", "商业秘密保护.docx", "名单.xlsx", ".hidden", ""])
def test_other_names_are_not(name: str) -> None:
    assert mark_in_name(name) == ""
