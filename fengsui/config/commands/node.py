"""`fengsui node init|request|enrol|accept|revoke|move|status`: the tree of nodes."""

from __future__ import annotations

import argparse
import base64
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import segno
from django.conf import settings

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import client, clock, keys, signing, writer
from fengsui.foundation.nodes import desk, queries, rules, services, witnessing
from fengsui.foundation.nodes.errors import NO_SUCH_NODE
from fengsui.foundation.nodes.facts import REVOKED
from fengsui.foundation.nodes.root import Root, RootFolderError
from fengsui.foundation.nodes.states import Level, RevocationReason
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import BEIJING

SUITES = {"ed25519": signing.ED25519_SHA256, "sm2": signing.SM2_SM3}
EXIT_REFUSED = 1


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("node", help="节点 / the tree of nodes: certificates")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    init = verbs.add_parser("init", help="建县：根密钥和县级证书 / a county's root and its node")
    init.add_argument("--county", required=True, help="12-digit or 6-digit code")
    init.add_argument("--root", required=True, type=Path, help="folder on a stick kept offline")
    init.add_argument("--name", default="", help="what people call this node")
    init.add_argument("--suite", choices=SUITES, default="ed25519")
    asked = verbs.add_parser("request", help="新节点申请证书 / a new node asks for a certificate")
    asked.add_argument("--level", required=True, choices=[level.value for level in Level])
    asked.add_argument("--scope", required=True, help="code of its place")
    asked.add_argument("--name", default="")
    asked.add_argument("--suite", choices=SUITES, default=None)
    asked.add_argument("--new-key", action="store_true", help="put the old key away first")
    asked.add_argument("--out", type=Path, help="text, or a QR image (.png, .svg)")
    enrol = verbs.add_parser("enrol", help="签发证书 / certify a node below this one")
    enrol.add_argument("request", help="file with the request's text, or the text, or -")
    enrol.add_argument("--code", required=True, help="read from the new node's own screen")
    enrol.add_argument("--level", choices=[level.value for level in Level], default=None)
    enrol.add_argument("--scope", default=None)
    enrol.add_argument("--name", default=None)
    enrol.add_argument("--kinds", default=None, help="numbers of fact kinds, with commas")
    enrol.add_argument("--days", type=int, default=services.VALID_DAYS)
    enrol.add_argument("--root", type=Path, help="sign with the root: a county's new machine")
    enrol.add_argument("--out", type=Path)
    accept = verbs.add_parser("accept", help="接受证书 / take the certificate made for this node")
    accept.add_argument("chain", help="file with the answer's text, or the text, or -")
    revoke = verbs.add_parser("revoke", help="吊销 / a key is believed no longer")
    revoke.add_argument("node", help="public key in hex, or short id")
    revoke.add_argument("--why", required=True, choices=[why.value for why in RevocationReason])
    revoke.add_argument("--reason", required=True, help="in words, for the record")
    revoke.add_argument(
        "--lost-at", help="北京时间 / Beijing time, as 2026-07-17T02:10: what came later is refused"
    )
    revoke.add_argument("--root", type=Path, help="sign with the root: for a county's own node")
    move = verbs.add_parser("move", help="改划 / a node gets another place")
    move.add_argument("node", help="public key in hex, or short id")
    move.add_argument("--scope", required=True)
    move.add_argument("--name", default="")
    move.add_argument("--out", type=Path)
    status = verbs.add_parser("status", help="节点树 / who is who, and the day's root")
    status.add_argument("--daily-root", nargs="?", const="last", metavar="YYYY-MM-DD")


def run(args: argparse.Namespace) -> int:
    verbs = {
        "init": _init,
        "request": _request,
        "enrol": _enrol,
        "accept": _accept,
        "revoke": _revoke,
        "move": _move,
        "status": _status,
    }
    try:
        return verbs[args.verb](args)
    except RootFolderError as error:
        sys.stderr.write(f"根密钥目录不能用。 The root's folder cannot be used: {error}\n")
        return EXIT_REFUSED


def _say(zh: str, en: str) -> None:
    sys.stdout.write(f"{zh}\n{en}\n")


@contextmanager
def _writing() -> Iterator[None]:
    """Through the running writer; where none runs, this process is the writer meanwhile."""
    try:
        client.status()
    except Problem:
        _make_tables()
        with writer.holding_the_pen():
            yield
        return
    yield


def _make_tables() -> None:
    """A node may be certified before it is started for the first time."""
    from fengsui.config.processes import migrate

    writer.take_write_connection()
    migrate()


def _text(given: str) -> str:
    """A text as given, from a file, or from standard input."""
    if given == "-":
        return sys.stdin.read()
    path = Path(given)
    is_file = len(given) < 1000 and path.is_file()
    return path.read_text() if is_file else given


def _hand_over(text: str, out: Path | None) -> None:
    """To a file, as a QR image, or on the terminal as text and QR."""
    if out is not None and out.suffix == ".svg":
        out.write_text(segno.make(text, error="l").svg_inline(scale=4))
    elif out is not None and out.suffix == ".png":
        inline = segno.make(text, error="l").png_data_uri(scale=4)
        out.write_bytes(base64.b64decode(inline.split(",", 1)[1]))
    elif out is not None:
        out.write_text(text + "\n")
    else:
        sys.stdout.write(f"{text}\n")
        if sys.stdout.isatty():
            segno.make(text, error="l").terminal(compact=True)


# --- verbs ----------------------------------------------------------------------------------


def _init(args: argparse.Namespace) -> int:
    folder = args.root.resolve()
    if folder.is_relative_to(settings.HOME.resolve()):
        _say(
            "根密钥不能放在本机目录里，请用 U 盘。",
            "The root must not lie on this node: use a stick.",
        )
        return EXIT_REFUSED
    try:
        keys.choose_suite(settings.HOME, SUITES[args.suite])
    except ValueError as error:
        sys.stderr.write(f"不能改签名算法。 The algorithm cannot be changed: {error}\n")
        return EXIT_REFUSED
    county = full_code(args.county)
    has_root = (folder / "root.seed").exists()
    root = Root.open(folder) if has_root else Root.make(folder, county, SUITES[args.suite])
    with _writing():
        request = services.request_enrolment(name=args.name, level="county", scope=county)
        made = services.county_chain(root, request, name=args.name, now=clock.now())
        accepted = services.init_county(
            viewer=node_viewer(), chain=made["chain"], root_facts=made["root_facts"]
        )
    _keep_root_public(root)
    _say(
        f"已建县 {county}。根密钥在 {folder}：请取下，锁进保险柜，另做一份备份。",
        f"County {county} is set up. The root is in {folder}: take it out and lock it away.",
    )
    sys.stdout.write(f"根 / root: {accepted['root_code']}\n")
    return 0


def _keep_root_public(root: Root) -> None:
    folder = settings.HOME / "trust"
    folder.mkdir(exist_ok=True)
    (folder / "root.key").write_text(f"{root.key.suite.number} {root.key.public.hex()}\n")


def _request(args: argparse.Namespace) -> int:
    if args.new_key:
        with writer.holding_the_pen():
            keys.set_aside(settings.HOME, datetime.now(UTC).strftime("%Y%m%d%H%M%S"))
    if args.suite is not None:
        try:
            keys.choose_suite(settings.HOME, SUITES[args.suite])
        except ValueError as error:
            sys.stderr.write(f"不能改签名算法。 The algorithm cannot be changed: {error}\n")
            return EXIT_REFUSED
    data = services.request_enrolment(name=args.name, level=args.level, scope=args.scope)
    _hand_over(rules.to_text(rules.REQUEST_WORD, data), args.out)
    _say("请把核对码当面或电话读给上级：", "Read this code to the desk above:")
    sys.stdout.write(f"{rules.short_code(data)}\n")
    return 0


def _enrol(args: argparse.Namespace) -> int:
    text = _text(args.request)
    asked = services.read_request(text)
    if args.root is not None:
        return _enrol_by_root(args, asked)
    kinds = [int(number) for number in args.kinds.split(",")] if args.kinds else None
    with _writing():
        made = services.enrol(
            viewer=node_viewer(),
            request=asked.data,
            code=args.code,
            scope=args.scope or asked.scope,
            level=args.level or asked.level,
            name=args.name if args.name is not None else asked.name,
            kinds=kinds,
            valid_days=args.days,
        )
    _hand_over(made["chain"], args.out)
    _say(f"已签发，短编号 {made['short_id']}。", f"Certified; its short id is {made['short_id']}.")
    return 0


def _enrol_by_root(args: argparse.Namespace, asked: rules.Request) -> int:
    root = Root.open(args.root)
    if rules.read_code(args.code) != asked.code:
        _say("核对码不一致，没有签发。", "The codes differ; nothing was certified.")
        return EXIT_REFUSED
    made = services.county_chain(root, asked.data, name=args.name or asked.name, now=clock.now())
    _hand_over(made["chain"], args.out)
    return 0


def _accept(args: argparse.Namespace) -> int:
    with _writing():
        made = services.accept_certificate(viewer=node_viewer(), chain=_text(args.chain))
    _say(
        f"本节点：{made['name']}，{made['scope']}，短编号 {made['short_id']}。",
        f"This node: {made['name']}, {made['scope']}, short id {made['short_id']}.",
    )
    sys.stdout.write(f"根（请与上级核对）/ root, compare it: {made['root_code']}\n")
    return 0


def _find(named: str) -> queries.NodeInfo:
    is_short = named.isdigit() and len(named) <= 5
    found = queries.by_short_id(int(named)) if is_short else queries.by_key(bytes.fromhex(named))
    if found is None:
        raise NO_SUCH_NODE()
    return found


def _revoke(args: argparse.Namespace) -> int:
    node = _find(args.node)
    lost_at = None
    if args.lost_at:
        lost_at = datetime.fromisoformat(args.lost_at).replace(tzinfo=BEIJING)
    with _writing():
        if args.root is not None:
            root = Root.open(args.root)
            fields = services.revocation_fields(
                node,
                reason_code=args.why,
                reason=args.reason,
                last_valid=witnessing.last_valid(node.public_key, lost_at),
                now=clock.now(),
            )
            root.state(REVOKED, fields, scope=node.scope, now=clock.now())
            services.take_root(feed=list(root.feed), facts=root.raw())
        else:
            services.revoke(
                viewer=node_viewer(),
                public_key=node.public_key,
                reason_code=args.why,
                reason=args.reason,
                lost_at=lost_at,
            )
    _say(f"已吊销：{node.name}。", f"Revoked: {node.name}. See docs/stolen-node.md for the rest.")
    return 0


def _move(args: argparse.Namespace) -> int:
    node = _find(args.node)
    with _writing():
        made = services.move(
            viewer=node_viewer(), public_key=node.public_key, scope=args.scope, name=args.name
        )
    _hand_over(made["chain"], args.out)
    _say("已改划；请在该节点接受新证书。", "Moved; let that node accept its new certificate.")
    return 0


def _status(args: argparse.Namespace) -> int:
    if args.daily_root:
        return _daily_root(None if args.daily_root == "last" else args.daily_root)
    own = queries.own()
    root = queries.anchor()
    sys.stdout.write(f"本节点 / this node: {own.public_key.hex()}\n")
    if root is None:
        _say("没有根密钥：本节点单独运行。", "No root: this node runs alone.")
    else:
        sys.stdout.write(f"根 / root: {rules.short_code(bytes(root.public_key))}\n")
    for info in queries.tree(node_viewer()):
        mark = "*" if info.public_key == own.public_key else " "
        until = info.not_after.astimezone(BEIJING).date() if info.not_after else "—"
        sys.stdout.write(
            f"{mark} {info.scope}  {info.short_id:5d}  {info.level:8s}  {info.state:9s}  {until}"
            f"  {info.name}  {info.public_key.hex()[:16]}\n"
        )
    for line in desk.findings():
        sys.stdout.write(f"! {line['zh']} / {line['en']}\n")
    return 0


def _daily_root(day: str | None) -> int:
    found = witnessing.daily_root(day)
    if found is None:
        _say("还没有日终记录。", "No day has been closed yet.")
        return EXIT_REFUSED
    sys.stdout.write(
        f"{found['date']} 24:00  {found['feeds']} 条链 / feeds  {found['facts']} 条记录 / facts\n"
        f"{witnessing.in_groups(found['root'])}\n"
    )
    return 0
