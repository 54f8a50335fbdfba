"""`fengsui warning check FILE…`, `fengsui warning import FILE`, `fengsui warning drill PLACE`."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from fengsui.foundation.journal import clock
from fengsui.gateways.findings import Finding, FindingKind
from fengsui.gateways.protocols import check
from fengsui.gateways.protocols.cap.signatures import load_anchors
from fengsui.gateways.protocols.cap.writing import write_cap
from fengsui.gateways.warnings import CheckResult, Verdict, Warning
from fengsui.gateways.xml import BYTES_MAX
from fengsui.standards.divisions import full_code

EXIT_REJECTED = 1
EXIT_USAGE = 2

NOT_FOUND = FindingKind(
    "file.not_found",
    "找不到或不能读取文件（{reason}）。请核对路径。",
    "The file is not there or cannot be read ({reason}). Check the path.",
)


NOT_A_CERTIFICATE = FindingKind(
    "file.not_a_certificate",
    "--trust 给的不是 PEM 证书（{reason}）。请核对文件。",
    "What --trust names is no PEM certificate ({reason}). Check the file.",
)


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("warning", help="检查或接收预警文件 / check or take in warnings")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    checker = verbs.add_parser("check", help="one JSON line a file; exit 0 when none is rejected")
    checker.add_argument("files", nargs="+", type=Path, metavar="FILE")
    checker.add_argument(
        "--trust", action="append", default=[], type=Path, metavar="PEM",
        help="certificate whose signatures are trusted; may be given again",
    )  # fmt: skip
    importer = verbs.add_parser("import", help="put an accepted warning into the inbox")
    importer.add_argument("file", type=Path, metavar="FILE")
    drill = verbs.add_parser("drill", help="写一份演练预警 / write a warning for an exercise")
    drill.add_argument("place", help="区划代码 / division code of the area")
    drill.add_argument("--area", default="", help="地名，写在预警里 / the area in words")
    drill.add_argument("--hours", type=float, default=2.0, help="how long it is in force")
    drill.add_argument("--out", type=Path, default=Path("演练.xml"))


def run(args: argparse.Namespace) -> int:
    if args.verb == "import":
        return take_in(args.file)
    if args.verb == "drill":
        return write_drill(args)
    try:
        anchors = [path.read_bytes() for path in args.trust]
        load_anchors(anchors)
    except (OSError, ValueError) as error:
        finding = NOT_A_CERTIFICATE(reason=str(error))
        sys.stderr.write(f"{finding.zh}\n{finding.en}\n")
        return EXIT_USAGE
    verdicts = [report(path, anchors) for path in args.files]
    return EXIT_REJECTED if Verdict.REJECTED in verdicts else 0


def report(path: Path, anchors: list[bytes]) -> Verdict:
    """Writes one JSON line about one file."""
    result = check_file(path, anchors)
    line = {
        "file": str(path),
        "verdict": result.verdict.value,
        "format": result.format,
        "errors": plain(result.errors),
        "alerts": len(result.alerts),
        "warnings": plain(result.warnings),
        "entries": len(result.entries),
    }
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return result.verdict


def check_file(path: Path, anchors: list[bytes]) -> CheckResult:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)  # one more than allowed is enough to refuse it
    except OSError as error:
        finding = NOT_FOUND(reason=error.strerror or "?")
        return CheckResult.rejected("unknown", (finding,))
    return check(data, name=path.name, trust_anchors=anchors)


def plain(findings: tuple[Finding, ...]) -> list[dict[str, Any]]:
    return [finding.to_plain() for finding in findings]


def take_in(path: Path) -> int:
    """A document that is rejected anyway never troubles the node."""
    if check_file(path, []).verdict is Verdict.REJECTED:
        report(path, [])
        return EXIT_REJECTED
    # The inbox needs the node; checking a file does not.
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.response.alerts.services import import_warning

    result = import_warning(viewer=node_viewer(), source_name=path.name, data=path.read_bytes())
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return EXIT_REJECTED if result.get("verdict") == Verdict.REJECTED.value else 0


def write_drill(args: argparse.Namespace) -> int:
    """A CAP 1.2 file with status Exercise: taken in, it can reach the simulated carrier only."""
    now = clock.now().replace(microsecond=0)
    area = args.area or args.place
    warning = Warning(
        source_format="cap-1.2",
        identifier=f"YL-{now:%Y%m%d%H%M%S}",
        sent_at=now,
        sender="drill@county.invalid",
        issuer="演练",
        status="Exercise",
        note="演练，不是真的预警",
        categories=("Met",),
        event_code="11B03",
        event_name="暴雨",
        level="red",
        severity="Extreme",
        urgency="Immediate",
        certainty="Likely",
        effective_at=now,
        expires_at=now + timedelta(hours=args.hours),
        headline=f"【演练】{area}暴雨红色预警",
        description=f"【演练】假设{area}三小时降雨将达一百毫米以上。",
        instruction="【演练】按预案组织转移，逐户登记。",
        area_descriptions=(area,),
        geocodes=(full_code(args.place),),
    )
    data = write_cap(warning)
    args.out.write_bytes(data)
    sys.stdout.write(f"{args.out}\n")
    return EXIT_REJECTED if report(args.out, []) is Verdict.REJECTED else 0
