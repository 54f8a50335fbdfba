"""`fengsui telegram`: BeiDou terminals, radios and texts typed by hand."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from django.conf import settings

from fengsui.config import thin_links
from fengsui.exchange.telegrams import queries, services
from fengsui.exchange.telegrams.errors import UNKNOWN_PEER
from fengsui.exchange.telegrams.models import ThinLink
from fengsui.exchange.telegrams.states import KIND_WORDS
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.nodes import queries as nodes
from fengsui.standards.instants import to_iso
from fengsui.standards.thin_links import thin_link_figures

LISTEN_EVERY_S = 1.0
RESTART = "请重新启动：fengsui up / Start again: fengsui up"


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "telegram", help="北斗、电台与短信 / BeiDou, radio and text messages"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    link = verbs.add_parser("link", help="本机的终端或电台 / terminals and radios of this machine")
    _link_arguments(link.add_subparsers(dest="what", required=True, metavar="WHAT"))
    verbs.add_parser("status", help="链路与排队 / links and their queues")
    test = verbs.add_parser("test", help="发一条空电报 / an empty telegram; status tells the rest")
    test.add_argument("link")
    text = verbs.add_parser("text", help="录入收到的短信 / take in a text message: ZY 32/35")
    text.add_argument("--from", dest="number", required=True, help="发信号码 / telephone number")
    text.add_argument("--place", default="", help="号码没有登记时的地点代码 / place code")
    text.add_argument("text", nargs="+")
    listen = verbs.add_parser("listen", help="显示收到的电报 / show telegrams as they are heard")
    listen.add_argument("--seconds", type=float, default=0.0, help="0: until Ctrl-C")


def _link_arguments(links: Any) -> None:
    add = links.add_parser("add", help="serial:/dev/ttyUSB0?dialect=bds3 or udp:0.0.0.0:9300")
    add.add_argument("name")
    add.add_argument("address")
    add.add_argument("--bytes-per-minute", type=int, default=None)
    peer = links.add_parser("peer", help="对方节点 / a node at the other end")
    peer.add_argument("name")
    peer.add_argument("node", help="节点编号或公钥 / its short number, or its key in hexadecimal")
    peer.add_argument("address", help="对方卡号，或 地址:端口 / its card, or host:port")
    remove = links.add_parser("remove", help="删除链路 / drop a link with its queue")
    remove.add_argument("name")


def run(args: argparse.Namespace) -> int:
    match args.verb:
        case "link":
            return change_link(args)
        case "status":
            status()
        case "test":
            done = services.queue_test(viewer=node_viewer(), link_name=args.link)
            say(f"排队 {done['queued']} 条 / {done['queued']} queued")
        case "text":
            return take_text(args)
        case "listen":
            listen(args.seconds)
    return 0


def change_link(args: argparse.Namespace) -> int:
    viewer = node_viewer()
    match args.what:
        case "add":
            made = services.add_link(
                viewer=viewer,
                name=args.name,
                address=args.address,
                bytes_per_minute=args.bytes_per_minute,
            )
            say(f"{made['link']}: {made['frame_bytes_max']} B, {made['pace_ms'] / 1000:g} s")
        case "peer":
            done = services.add_peer(
                viewer=viewer,
                link_name=args.name,
                public_key=key_of(args.node),
                address=args.address,
            )
            say(f"{args.name} → {done['peer']} {done['scope']}")
        case "remove":
            services.remove_link(viewer=viewer, name=args.name)
            say(f"{args.name} ✗")
    thin_links.note_links(settings.HOME)
    say(RESTART)
    return 0


def key_of(node: str) -> bytes:
    """A node by its short number or by its key. Raises telegrams.unknown_peer."""
    if node.isdigit() and len(node) <= 5:
        info = nodes.by_short_id(int(node))
        if info is None:
            raise UNKNOWN_PEER(peer=node)
        return info.public_key
    try:
        return bytes.fromhex(node)
    except ValueError:
        raise UNKNOWN_PEER(peer=node) from None


def status() -> None:
    for row in queries.links():
        say_link(row)
    say("数值 / figures (standards/thin_links.csv):")
    for figure in thin_link_figures().values():
        mark = "" if figure.is_verified else "  未核实 unverified"
        say(f"  {figure.name} {figure.value} {figure.unit}{mark}  {figure.source}")


def say_link(row: ThinLink) -> None:
    budget = "" if row.bytes_per_minute is None else f", {row.bytes_per_minute} B/min"
    say(f"{row.name}  {row.address}")
    say(f"  {row.frame_bytes_max} B, {row.pace_ms / 1000:g} s{budget}  {row.state or 'ok'}")
    say(
        f"  sent {row.frames_sent}, heard {row.frames_heard}, refused {row.frames_refused}"
        f"{f' ({row.last_error})' if row.last_error else ''}"
    )
    for peer in row.peers.all():
        info = nodes.by_key(bytes(peer.public_key))
        heard = to_iso(peer.last_heard_at) if peer.last_heard_at else "-"
        say(f"  → {info.name if info else '?'} {peer.address}  heard {heard}")
    for one in queries.queue_of(row):
        say(f"  {one['kind']}: {one['waiting']} waiting, {one['tried']} tried")


def take_text(args: argparse.Namespace) -> int:
    done = services.receive_text(
        viewer=node_viewer(), number=args.number, text=" ".join(args.text), place_code=args.place
    )
    say(done["reply"])
    return 0 if done["outcome"] != "no_such_call" else 1


def listen(seconds: float) -> None:
    viewer = node_viewer()
    seen = {row.pk for row in queries.heard(viewer=viewer)}
    until = time.monotonic() + seconds
    while not seconds or time.monotonic() < until:
        for row in reversed(queries.heard(viewer=viewer, limit=50)):
            if row.pk not in seen:
                seen.add(row.pk)
                zh, en = KIND_WORDS.get(row.kind, (row.kind, row.kind))
                say(f"{to_iso(row.heard_at)} {row.path} {row.place_code} {zh} {en} {row.content}")
        time.sleep(LISTEN_EVERY_S)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
