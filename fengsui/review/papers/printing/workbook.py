"""未应答名单 as an xlsx of texts and whole numbers: nothing in it is a formula or a link."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from fengsui.review.papers.queries.lists import Unanswered

HEADS = (
    ("序号", 6), ("乡镇", 14), ("村", 16), ("岗位", 16), ("姓名", 10), ("电话", 14),
    ("叫到哪一级", 12), ("已叫次数", 9), ("最后一次", 22), ("群里转述", 10), ("代应", 8),
    ("上门时间", 12), ("签字", 12),
)  # fmt: skip
# OWASP, CSV Injection: a cell that begins so is run when somebody saves the sheet as CSV.
_DANGEROUS = tuple("=+-@\t\r\n|＝＋－＠'")


@dataclass(frozen=True, slots=True)
class ListPaper:
    """What stands on the list. Times are Beijing time in words."""

    title: str
    warning: str
    exercise: bool
    moment: str
    opened: str
    mark: str
    rows: Sequence[Unanswered] = field(default_factory=list)


def escaped(text: str) -> str:
    """The text as a cell that no spreadsheet runs, also after it was saved as CSV."""
    return "'" + text if text.startswith(_DANGEROUS) else text


def cells_of(number: int, row: Unanswered) -> tuple[str | int, ...]:
    """One line of the list, in the order of HEADS; the last two are for the pen."""
    covered = "已有人代" if row.is_covered else ""
    return (
        number, row.township, row.village, row.post_title, row.name, row.number, row.rung,
        row.tries, row.last_word, row.relayed, covered, "", "",
    )  # fmt: skip


def to_xlsx(paper: ListPaper) -> bytes:
    import xlsxwriter  # only where somebody takes a list

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet(paper.title)
    title = book.add_format({"bold": True, "font_size": 16})
    plain = book.add_format({"font_color": "#444444"})
    header = book.add_format({"bold": True, "bg_color": "#e8edf1", "border": 1, "text_wrap": True})
    text = book.add_format({"num_format": "@", "border": 1, "text_wrap": True, "valign": "top"})
    whole = book.add_format({"border": 1, "valign": "top"})
    book.set_properties({"title": paper.title, "comments": paper.mark})
    exercise = "【演练】不是真的　" if paper.exercise else ""
    sheet.write_string(0, 0, f"{exercise}{paper.title}（{len(paper.rows)} 人）", title)
    sheet.write_string(1, 0, escaped(paper.warning), plain)
    sheet.write_string(2, 0, f"启动 {paper.opened}　名单时点 {paper.moment}", plain)
    sheet.write_string(3, 0, escaped(paper.mark), plain)
    for column, (head, width) in enumerate(HEADS):
        sheet.set_column(column, column, width)
        sheet.write_string(4, column, head, header)
    for number, row in enumerate(paper.rows, 1):
        for column, cell in enumerate(cells_of(number, row)):
            if isinstance(cell, int):
                sheet.write_number(number + 4, column, cell, whole)
            else:
                sheet.write_string(number + 4, column, escaped(cell), text)
    sheet.freeze_panes(5, 0)
    sheet.repeat_rows(4)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{paper.mark.replace('&', '&&')[:180]}&R&P / &N")
    book.close()
    return out.getvalue()
