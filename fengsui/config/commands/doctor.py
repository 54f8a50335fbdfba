"""`fengsui doctor`: says in words what is wrong or missing, and what to do about it."""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from fengsui.config import tls
from fengsui.exchange.links import addresses
from fengsui.exchange.neighbours import queries as neighbours
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.attachments import queries as attachments
from fengsui.foundation.journal import client, clock
from fengsui.foundation.journal import queries as journal
from fengsui.foundation.machine import queries as machine
from fengsui.web.pages import APPS

GOOD, LOOK, BAD = "good", "look", "bad"
MARKS = {GOOD: "✓", LOOK: "!", BAD: "✗"}
PYTHON_MINIMUM = (3, 11)
SQLITE_MINIMUM = (3, 35, 0)
FREE_BYTES_BAD = 200 * 1024**2
FREE_BYTES_LOOK = 2 * 1024**3
VERIFIED_WITHIN = timedelta(hours=26)
BUILT_AFTER = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence in each language; `level` is good, look or bad."""

    level: str
    zh: str
    en: str


Check = Callable[[argparse.Namespace], Iterator[Finding]]


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("doctor", help="体检本节点 / say what is wrong or missing")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8600)
    parser.add_argument("--https", action="store_true", help="the node speaks HTTPS")
    parser.add_argument("--json", action="store_true", help="one JSON line a finding")


def run(args: argparse.Namespace) -> int:
    """0 where nothing is bad, 1 otherwise."""
    worst = 0
    for finding in findings(args):
        worst = max(worst, int(finding.level == BAD))
        if args.json:
            plain = {"level": finding.level, "zh": finding.zh, "en": finding.en}
            sys.stdout.write(json.dumps(plain, ensure_ascii=False) + "\n")
        else:
            sys.stdout.write(f"{MARKS[finding.level]} {finding.zh}\n  {finding.en}\n")
    return worst


def findings(args: argparse.Namespace) -> Iterator[Finding]:
    """Every finding, good ones too: silence would not tell what was looked at."""
    for check in CHECKS:
        try:
            yield from check(args)
        except (OSError, DatabaseError, ImproperlyConfigured) as error:
            name = check.__name__.replace("check_", "")
            yield Finding(BAD, f"无法检查 {name}：{error}", f"Could not look at {name}: {error}")


def check_versions(args: argparse.Namespace) -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    level = GOOD if sys.version_info >= PYTHON_MINIMUM else BAD
    yield Finding(level, f"Python {python}（需 3.11 以上）", f"Python {python} (3.11 or newer)")
    level = GOOD if sqlite3.sqlite_version_info >= SQLITE_MINIMUM else BAD
    version = sqlite3.sqlite_version
    yield Finding(level, f"SQLite {version}（需 3.35 以上）", f"SQLite {version} (3.35 or newer)")


def check_home(args: argparse.Namespace) -> Iterator[Finding]:
    home: Path = settings.HOME
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            BAD,
            f"节点目录 {home} 其他用户也能读。请运行：chmod 700 {home}",
            f"Other users can read the node's folder {home}. Run: chmod 700 {home}",
        )
    else:
        yield Finding(GOOD, f"节点目录 {home} 只有本用户可读", f"Only this user reads {home}")


def check_disk(args: argparse.Namespace) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.HOME).free
    shown = f"{free / 1024**3:.1f} GiB"
    if free < FREE_BYTES_BAD:
        yield Finding(
            BAD,
            f"磁盘只剩 {shown}，记录随时可能写不进去。请立即清理或换盘。",
            f"Only {shown} of disk left; the record may stop at any moment. Make room now.",
        )
    elif free < FREE_BYTES_LOOK:
        yield Finding(
            LOOK, f"磁盘剩 {shown}，请尽快清理。", f"{shown} of disk left. Make room soon."
        )
    else:
        yield Finding(GOOD, f"磁盘剩余 {shown}", f"{shown} of disk left")


def check_databases(args: argparse.Namespace) -> Iterator[Finding]:
    for alias in (DEFAULT_DB_ALIAS, "local"):
        executor = MigrationExecutor(connections[alias])
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if missing:
            yield Finding(
                BAD,
                f"数据库 {alias} 还差 {len(missing)} 步升级。运行 fengsui up 会自动完成。",
                f"Database {alias} lacks {len(missing)} steps. `fengsui up` carries them out.",
            )
        else:
            yield Finding(GOOD, f"数据库 {alias} 已是最新结构", f"Database {alias} is up to date")


def check_writer(args: argparse.Namespace) -> Iterator[Finding]:
    try:
        status = client.status()
    except Problem:
        yield Finding(
            BAD,
            "写入进程没有运行，现在什么都保存不了。请运行 fengsui up，或看 logs/writer.log。",
            "The writer does not run; nothing can be saved. Run `fengsui up`, or read "
            "logs/writer.log.",
        )
        return
    yield Finding(
        GOOD,
        f"写入进程正常（已记录 {status['facts']} 条，待写 {status['queued']}）",
        f"The writer works ({status['facts']} facts recorded, {status['queued']} waiting)",
    )
    for one in machine.warnings(status):
        yield Finding(one.level, one.zh, one.en)


def check_clock(args: argparse.Namespace) -> Iterator[Finding]:
    now = clock.now()
    beijing = f"{now + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
    if now < BUILT_AFTER:
        yield Finding(
            BAD,
            f"本机时钟是 {beijing}，早于本程序的发布日期。请校准时间（NTP）后再启动。",
            f"This machine's clock says {beijing}, before this program was made. Set it (NTP).",
        )
    else:
        yield Finding(
            GOOD, f"本机时钟：北京时间 {beijing}", f"The clock says {beijing} (Beijing time)"
        )


def check_record(args: argparse.Namespace) -> Iterator[Finding]:
    status = journal.verification(node_viewer("doctor"))
    checked_at = status.get("checked_at")
    if status["state"] == "broken":
        yield Finding(
            BAD,
            f"处置记录校验不通过：{status.get('zh', '')}。"
            "请保留现场，运行 fengsui journal verify。",
            f"The record fails its check: {status.get('en', '')}. Touch nothing; run "
            "`fengsui journal verify`.",
        )
    elif checked_at is None:
        yield Finding(LOOK, "处置记录还没有校验过", "The record has not been checked yet")
    elif clock.now() - _moment(checked_at) > VERIFIED_WITHIN:
        yield Finding(
            LOOK,
            "处置记录超过一天没有校验。请运行 fengsui journal verify。",
            "The record was last checked more than a day ago. Run `fengsui journal verify`.",
        )
    else:
        yield Finding(
            GOOD,
            f"处置记录已校验 {status['facts']} 条，无异常",
            f"The record is verified: {status['facts']} facts, nothing wrong",
        )


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def check_upstream(args: argparse.Namespace) -> Iterator[Finding]:
    status, upstream = addresses.read_status(settings.HOME), neighbours.not_received_upstream()
    if not addresses.upstream_urls(settings.HOME):
        yield Finding(GOOD, "没有设置上级节点", "No node above is set (fengsui link add)")
        return
    if status.get("state") != "up":
        yield Finding(
            BAD,
            f"与上级的连接不通（{status.get('code', '未运行')}：{status.get('text', '')}）。"
            "请看 docs/connect-two-nodes.md。",
            f"The line to the node above is down ({status.get('code', 'not running')}: "
            f"{status.get('text', '')}). See docs/connect-two-nodes.md.",
        )
    elif not status.get("is_encrypted") and not addresses.is_loopback_url(status["url"]):
        yield Finding(
            LOOK,
            "与上级的连接没有加密，请改用 https。",
            "The line to the node above is not encrypted.",
        )
    yield Finding(
        GOOD if upstream.facts == 0 else LOOK,
        f"上级尚未收到 {upstream.facts} 条（其中生命安全 {upstream.life_safety} 条）",
        f"The node above has not received {upstream.facts} ({upstream.life_safety} life safety)",
    )


def check_attachments(args: argparse.Namespace) -> Iterator[Finding]:
    told = attachments.integrity()
    if told["damaged"]:
        yield Finding(
            BAD,
            f"{told['damaged']} 个附件的内容已损坏。请从备份恢复 blobs 目录里的同名文件。",
            f"{told['damaged']} attached files are damaged. Put the files of the same name back "
            "from the blobs folder of a backup.",
        )
    if told["not_here"]:
        yield Finding(
            LOOK,
            f"{told['not_here']} 个附件只有登记，内容还在添加它的节点或已丢失。",
            f"{told['not_here']} attached files are registered here, but their content is not.",
        )
    yield Finding(
        GOOD,
        f"附件 {told['here']} 个，内容与登记一致",
        f"{told['here']} attached files are as registered",
    )


def check_pages(args: argparse.Namespace) -> Iterator[Finding]:
    missing = [
        app for app in APPS if not (settings.FRONTEND / app / "dist" / "index.html").is_file()
    ]
    if missing:
        names = ", ".join(missing)
        yield Finding(
            BAD,
            f"页面没有构建：{names}。请运行 make run。",
            f"Pages not built: {names}. Run `make run`.",
        )
    else:
        yield Finding(GOOD, "页面已构建", "The pages are built")


def check_port(args: argparse.Namespace) -> Iterator[Finding]:
    where = f"{args.host}:{args.port}"
    connection = http.client.HTTPConnection(args.host, args.port, timeout=3)
    if args.https:
        context = tls.looking_at_ourselves()
        connection = http.client.HTTPSConnection(args.host, args.port, timeout=3, context=context)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        healthy = connection.getresponse().status == 200
    except ConnectionRefusedError:
        yield Finding(
            BAD,
            f"{where} 没有程序在听。请运行 fengsui up，或用 --port 指明端口。",
            f"Nothing listens on {where}. Run `fengsui up`, or name the port with --port.",
        )
        return
    except (OSError, http.client.HTTPException) as error:
        yield Finding(
            BAD,
            f"{where} 被别的程序占用（{error}）。请换端口。",
            f"Something else has {where} ({error}). Use another port.",
        )
        return
    finally:
        connection.close()
    if healthy:
        yield Finding(GOOD, f"{where} 应答正常", f"{where} answers")
    else:
        yield Finding(BAD, f"{where} 在应答，但自检不健康", f"{where} answers but is not healthy")


CHECKS: tuple[Check, ...] = (
    check_versions,
    check_home,
    check_disk,
    check_databases,
    check_writer,
    check_clock,
    check_record,
    check_upstream,
    check_attachments,
    check_pages,
    check_port,
)
