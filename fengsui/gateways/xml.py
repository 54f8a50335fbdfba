"""Safe reading of XML from outside: no DTD, no entities, no network, a limit on everything.

A first pass with expat walks the document without building anything and stops at the first
breach; only then is a tree built. Encodings are decoded here, since expat knows no GB18030.
"""

from __future__ import annotations

import codecs
import re
from typing import Any
from xml.parsers import expat

from lxml import etree

from fengsui.gateways.findings import FindingKind, Refused

BYTES_MAX = 2 * 1024 * 1024
DEPTH_MAX = 40
ELEMENTS_MAX = 50_000
ATTRIBUTES_PER_ELEMENT_MAX = 64
ATTRIBUTE_CHARACTERS_MAX = 4_096
TEXT_CHARACTERS_MAX = 262_144  # of one element
NAME_CHARACTERS_MAX = 256

# GB 2312 and GBK are subsets of GB 18030; senders often declare the smaller one wrongly.
ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
    "iso-8859-1": "iso-8859-1",
    "latin1": "iso-8859-1",
    "windows-1252": "cp1252",
}
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(r"^<\?xml\s[^>]*?\?>")
_DECLARED_ENCODING = re.compile(
    rb"""^<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']"""
)

TOO_LARGE = FindingKind(
    "xml.too_large",
    "文件过大（{size} 字节，上限 {limit} 字节），未读取。请向发送方索取单条预警。",
    "The file is too large ({size} bytes, limit {limit}); it was not read. Ask for one warning.",
)
EMPTY = FindingKind("xml.empty", "文件是空的。请重新获取。", "The file is empty. Fetch it again.")
UNKNOWN_ENCODING = FindingKind(
    "xml.unknown_encoding",
    "不支持的字符编码“{encoding}”。请改用 UTF-8 或 GB18030。",
    "Unsupported character encoding “{encoding}”. Use UTF-8 or GB18030.",
)
UNDECODABLE = FindingKind(
    "xml.undecodable",
    "内容与所声明的编码“{encoding}”不符，可能已损坏。请重新获取。",
    "The content does not fit its encoding “{encoding}”; it may be damaged. Fetch it again.",
)
NOT_WELL_FORMED = FindingKind(
    "xml.not_well_formed",
    "XML 不完整或已损坏（{reason}）。请重新获取。",
    "The XML is cut off or damaged ({reason}). Fetch it again.",
)
DTD_FORBIDDEN = FindingKind(
    "xml.dtd_forbidden",
    "含有文档类型定义（DTD），可能是攻击，已拒收。请核实来源。",
    "It holds a document type definition (DTD), which may be an attack. Check where it came from.",
)
TOO_DEEP = FindingKind(
    "xml.too_deep",
    "嵌套超过 {limit} 层，已拒收。请核实来源。",
    "Nested more than {limit} levels deep; refused. Check where it came from.",
)
TOO_MANY_ELEMENTS = FindingKind(
    "xml.too_many_elements",
    "元素超过 {limit} 个，已拒收。请分批获取。",
    "More than {limit} elements; refused. Fetch it in smaller parts.",
)
TOO_MANY_ATTRIBUTES = FindingKind(
    "xml.too_many_attributes",
    "一个元素的属性超过 {limit} 个，已拒收。请核实来源。",
    "An element has more than {limit} attributes; refused. Check where it came from.",
)
NAME_TOO_LONG = FindingKind(
    "xml.name_too_long",
    "名称超过 {limit} 个字符，已拒收。请核实来源。",
    "A name is longer than {limit} characters; refused. Check where it came from.",
)
ATTRIBUTE_TOO_LONG = FindingKind(
    "xml.attribute_too_long",
    "属性值超过 {limit} 个字符，已拒收。请核实来源。",
    "An attribute is longer than {limit} characters; refused. Check where it came from.",
)
TEXT_TOO_LONG = FindingKind(
    "xml.text_too_long",
    "一个元素的文字超过 {limit} 个字符，已拒收。请核实来源。",
    "The text of an element is longer than {limit} characters; refused. Check its source.",
)


def read_xml(data: bytes) -> etree._Element:
    """The root of a document that keeps every limit above.

    Line numbers are those of the original. Raises Refused, never anything else.
    """
    text = decode(data)
    utf8 = _without_declaration(text).encode("utf-8", "surrogatepass")
    _walk(utf8)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        huge_tree=False,
        encoding="utf-8",
    )
    try:
        return etree.fromstring(utf8, parser)
    except etree.XMLSyntaxError as error:
        raise Refused(NOT_WELL_FORMED(line=error.lineno or 0, reason=error.msg or "?")) from None
    except ValueError as error:
        raise Refused(NOT_WELL_FORMED(reason=str(error))) from None


def decode(data: bytes) -> str:
    """Text by byte order mark, else by XML declaration, else UTF-8. Raises Refused."""
    if len(data) > BYTES_MAX:
        raise Refused(TOO_LARGE(size=len(data), limit=BYTES_MAX))
    if not data.strip():
        raise Refused(EMPTY())
    encoding, body = _encoding_of(data)
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        raise Refused(UNDECODABLE(encoding=encoding)) from None


def _encoding_of(data: bytes) -> tuple[str, bytes]:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding, data[len(mark) :]
    if data.startswith(b"<\x00"):
        return "utf-16-le", data
    if data.startswith(b"\x00<"):
        return "utf-16-be", data
    found = _DECLARED_ENCODING.match(data.lstrip()[:512])
    if not found:
        return "utf-8", data
    declared = found.group(1).decode("ascii").lower()
    if declared not in ENCODINGS:
        raise Refused(UNKNOWN_ENCODING(encoding=declared))
    return ENCODINGS[declared], data


def _without_declaration(text: str) -> str:
    """The declaration named another encoding than the UTF-8 that goes on; its lines stay."""
    stripped = text.lstrip()
    lead = text[: len(text) - len(stripped)]
    found = _DECLARATION.match(stripped)
    if not found:
        return text
    return "\n" * (lead.count("\n") + found.group(0).count("\n")) + stripped[found.end() :]


class _Walker:
    """Counts while expat walks; raising inside a handler stops the walk at once."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.depth = 0
        self.elements = 0
        self.characters = [0]

    def refuse(self, kind: FindingKind, limit: int = 0) -> None:
        raise Refused(kind(line=self.parser.CurrentLineNumber, limit=limit))

    def doctype(self, *_: Any) -> None:
        self.refuse(DTD_FORBIDDEN)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        self.characters.append(0)
        if self.depth > DEPTH_MAX:
            self.refuse(TOO_DEEP, limit=DEPTH_MAX)
        if self.elements > ELEMENTS_MAX:
            self.refuse(TOO_MANY_ELEMENTS, limit=ELEMENTS_MAX)
        if len(name) > NAME_CHARACTERS_MAX:
            self.refuse(NAME_TOO_LONG, limit=NAME_CHARACTERS_MAX)
        if len(attributes) > ATTRIBUTES_PER_ELEMENT_MAX:
            self.refuse(TOO_MANY_ATTRIBUTES, limit=ATTRIBUTES_PER_ELEMENT_MAX)
        for key, value in attributes.items():
            if len(key) > NAME_CHARACTERS_MAX:
                self.refuse(NAME_TOO_LONG, limit=NAME_CHARACTERS_MAX)
            if len(value) > ATTRIBUTE_CHARACTERS_MAX:
                self.refuse(ATTRIBUTE_TOO_LONG, limit=ATTRIBUTE_CHARACTERS_MAX)

    def end(self, _name: str) -> None:
        self.depth -= 1
        self.characters.pop()

    def text(self, characters: str) -> None:
        self.characters[-1] += len(characters)
        if self.characters[-1] > TEXT_CHARACTERS_MAX:
            self.refuse(TEXT_TOO_LONG, limit=TEXT_CHARACTERS_MAX)


def _walk(utf8: bytes) -> None:
    walker = _Walker()
    try:
        walker.parser.Parse(utf8, True)
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code) or "?"
        raise Refused(NOT_WELL_FORMED(line=error.lineno, reason=reason)) from None


def text_of(element: etree._Element | None) -> str:
    """The whole text without comments: `.text` stops at the first comment, which forges values."""
    if element is None:
        return ""
    return str(element.xpath("string()")).strip()


def local_name(element: etree._Element) -> str:
    """Tag without namespace; "" for comments and processing instructions."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def namespace_of(element: etree._Element) -> str:
    return (etree.QName(element).namespace or "") if isinstance(element.tag, str) else ""


def line_of(element: etree._Element) -> int:
    return int(element.sourceline or 0)
