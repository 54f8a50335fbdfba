"""`fengsui link`: the line to the node above."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from fengsui.exchange.links import addresses
from fengsui.exchange.neighbours import queries, services
from fengsui.foundation.access.viewer import node_viewer
from fengsui.standards.instants import to_iso

RESTART_ZH = "请重新启动：fengsui up"
RESTART_EN = "Start again: fengsui up"


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("link", help="与上级节点的连接 / the line to the node above")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add = verbs.add_parser("add", help="设置上级地址 / say where the node above is")
    add.add_argument("url", nargs="+", help="https://host:port, in the order to try")
    verbs.add_parser("show", help="现状 / how it stands")
    verbs.add_parser("remove", help="取消上级 / this node has none above")
    end = verbs.add_parser(
        "end-first-fetch", help="不再等首次同步完成 / work with what has come so far"
    )
    end.add_argument("--reason", required=True)


def run(args: argparse.Namespace) -> int:
    home: Path = settings.HOME
    match args.verb:
        case "add":
            urls = [addresses.checked(url) for url in args.url]
            addresses.write_urls(home, urls)
            say(f"上级节点：{'、'.join(urls)}。{RESTART_ZH}")
            say(f"The node above: {', '.join(urls)}. {RESTART_EN}")
        case "remove":
            (home / addresses.FILE_NAME).unlink(missing_ok=True)
            (home / addresses.STATUS_FILE).unlink(missing_ok=True)
            say(f"已取消上级节点。{RESTART_ZH}\nNo node above. {RESTART_EN}")
        case "end-first-fetch":
            services.end_bootstrap(viewer=node_viewer(), reason=args.reason)
            say("首次同步已由人工结束。\nThe first fetch was ended by hand.")
        case "show":
            return show(home)
    return 0


def show(home: Path) -> int:
    """0 where the line is up, 1 otherwise."""
    status = addresses.read_status(home)
    upstream = queries.not_received_upstream()
    say(f"url            {', '.join(addresses.upstream_urls(home)) or '-'}")
    for name in ("state", "name", "since", "code", "text", "is_encrypted", "clock_offset_ms"):
        if status.get(name) is not None:
            say(f"{name:14} {status[name]}")
    say(f"upstream       {upstream.state.value}")
    say(f"not received   {upstream.facts} (life safety {upstream.life_safety})")
    if upstream.last_heard_at:
        say(f"last heard     {to_iso(upstream.last_heard_at)}")
    return 0 if status.get("state") == "up" else 1


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
