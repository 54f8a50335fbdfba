"""`fengsui init`: the one first command of an installation; repeated, it adds what is missing.

Makes the node's folder and databases, registers the county (from a folder of official files, or
by code and name alone) and the three administrators, who are three different persons, each with
a link that signs in once. What comes next is said at the end.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from fengsui.config.commands import county
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.journal import clock
from fengsui.foundation.places import queries as places
from fengsui.foundation.places import services as registering
from fengsui.standards.divisions import DivisionLevel, full_code, is_division_code
from fengsui.standards.instants import BEIJING

EXIT_REFUSED = 1
# 网络安全等级保护 (GB/T 22239): system, security and audit administration are three persons.
ADMINISTRATORS = (
    ("system_administrator", "system", "系统管理员", "system administrator"),
    ("security_administrator", "security", "安全管理员", "security administrator"),
    ("auditor", "audit", "审计员", "auditor"),
)
_PERSON = re.compile(r"\s*(?P<name>[^,，\s][^,，]*?)\s*(?:[,，]\s*(?P<phone>[0-9+ -]{3,20}))?\s*")


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("init", help="建立本节点 / the first command of a new node")
    parser.add_argument("--county", help="县级区划代码，6 或 12 位 / division code of the county")
    parser.add_argument("--name", help="县名 / name of the county")
    parser.add_argument("--places", type=Path, help="行政区划文件夹 / folder of official places")
    for _, option, zh, en in ADMINISTRATORS:
        parser.add_argument(f"--{option}", metavar="NAME,PHONE", help=f"{zh} / {en}")
    parser.add_argument("--address", default="http://127.0.0.1:8600", help="where pages answer")
    parser.add_argument("--new-links", action="store_true", help="links again for who has not come")


def run(args: argparse.Namespace) -> int:
    home: Path = settings.HOME
    os.chmod(home, 0o700)
    with county.a_writer():
        code = _county(args)
        if code is None:
            return EXIT_REFUSED
        people = _administrators(args, _held(code))
        if people is None:
            return EXIT_REFUSED
        made = accounts.first_administrators(
            viewer=node_viewer("init"),
            place_code=code,
            people=people,
            new_links=args.new_links,
        )
    _tell(home, code, made, args.address)
    return 0


def _county(args: argparse.Namespace) -> str | None:
    """The code of the node's county, registered where it was not; None where that is refused."""
    here = places.node_place()
    known = here.code if here is not None else ""
    if args.places is not None:
        return county.load_directory(args.places)
    given = args.county or (None if known else _ask("县级区划代码（6 位） / county code: "))
    if given is None and known:
        return known
    if given is None or not re.fullmatch(r"\d{6}|\d{12}", given):
        _say(
            "请写明县级区划代码：--county 433126，或 --places 文件夹。",
            "Name the county: --county 433126, or --places FOLDER.",
        )
        return None
    code = full_code(given)
    if code == known:
        return code
    if known or not is_division_code(code):
        _say(
            f"不能建 {code}：本节点已有 {known}，或者它不是区划代码。",
            f"{code} cannot be added: this node has {known}, or it is no division code.",
        )
        return None
    name = args.name or _ask("县名 / name of the county: ")
    if not name:
        _say("请写明县名：--name 示意县。", "Name it: --name.")
        return None
    row = {"code": code, "name": name, "level": DivisionLevel.COUNTY}
    registering.register_places(viewer=node_viewer("init"), county_code=code, places=[row])
    return code


def _held(code: str) -> dict[str, str]:
    """Who is administrator already: the name by role."""
    held = accounts.first_administrators(viewer=node_viewer("init"), place_code=code, people=[])
    return {one["role"]: one["name"] for one in held}


def _administrators(args: argparse.Namespace, held: dict[str, str]) -> list[dict[str, str]] | None:
    """Those who are there and those who are named now; None where two would be one person."""
    people = []
    for role, option, zh, en in ADMINISTRATORS:
        if role in held:
            continue
        given = getattr(args, option) or _ask(f"{zh}姓名，电话 / {en}, name and phone: ")
        if not given:
            continue
        found = _PERSON.fullmatch(given)
        if found is None:
            _say(f"{zh}：写成“姓名,电话”。", f"{en}: write NAME,PHONE.")
            return None
        people.append({"role": role, "name": found["name"], "phone": found["phone"] or ""})
    names = [*held.values(), *(one["name"] for one in people)]
    if len(set(names)) != len(names):
        _say("三员必须是三个不同的人。", "The three must be three different persons.")
        return None
    return people


def _ask(question: str) -> str | None:
    """An answer from the terminal; None where nobody sits there, or nothing was said."""
    if not sys.stdin.isatty():
        return None
    sys.stdout.write(question)
    sys.stdout.flush()
    return sys.stdin.readline().strip() or None


def _tell(home: Path, code: str, made: list[dict[str, Any]], address: str) -> None:
    titles = {role: (zh, en) for role, _, zh, en in ADMINISTRATORS}
    made.sort(key=lambda one: list(titles).index(one["role"]))
    _say(f"节点目录 {home}，县 {code}。", f"The node's folder is {home}, its county {code}.")
    for one in made:
        zh, en = titles[one["role"]]
        if one["token"]:
            until = one["expires"].astimezone(BEIJING)
            sys.stdout.write(f"  {zh} {en}  {one['name']}  → {until:%m-%d %H:%M}\n")
            sys.stdout.write(f"    {address}/link/{one['token']}\n")
        else:
            sys.stdout.write(f"  {zh} {en}  {one['name']}  ✓\n")
    missing = [zh for role, (zh, _) in titles.items() if role not in {one["role"] for one in made}]
    if missing:
        _say(
            f"还缺：{'、'.join(missing)}。三员必须是三个人，补上后再运行一次。",
            "Still missing; the three must be three persons. Run this again with them.",
        )
    _say(
        "链接请当面交给本人，只能用一次。下一步：",
        "Hand each link to its person; it works once. Next:",
    )
    certificate = "县里的证书见 docs/lan/README.md / the county's certificates"
    steps: tuple[tuple[str, str], ...] = (
        ("fengsui up", "启动 / start"),
        ("fengsui up --https --host 0.0.0.0", certificate),
        ("fengsui doctor", "体检 / what is still missing"),
    )
    for command, what in steps:
        sys.stdout.write(f"  {command:<36}{what}\n")
    if clock.now().year < 2026:
        _say("本机时钟不对，请先校准。", "This machine's clock is wrong; set it first.")


def _say(zh: str, en: str) -> None:
    sys.stdout.write(f"{zh}\n{en}\n")
