"""`fengsui account`: who may sign in. Needs the node to run, because a role is a fact."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from fengsui.foundation.access.viewer import ROLES, node_viewer
from fengsui.foundation.accounts import services
from fengsui.foundation.accounts.queries import viewer_for_person
from fengsui.foundation.people import queries as people


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("account", help="账号 / who may sign in, with which role")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    show = verbs.add_parser("list", help="查看某地人员及角色 / persons of a place with their roles")
    show.add_argument("place", help="12-digit code of a place; all below it are listed")
    grant = verbs.add_parser("grant", help="授予角色 / give a person a role over a place")
    grant.add_argument("person", type=int, help="number from `account list`")
    grant.add_argument("role", choices=sorted(ROLES))
    grant.add_argument("place", help="12-digit code; the role holds for everything below it")
    link = verbs.add_parser("link", help="一次性登录链接 / a link that signs a person in once")
    link.add_argument("person", type=int)
    link.add_argument("--hours", type=int, default=None, help="how long it is valid")
    link.add_argument("--address", default="http://127.0.0.1:8600", help="where the node answers")
    password = verbs.add_parser("password", help="设置密码 / set a person's name and password")
    password.add_argument("person", type=int)
    password.add_argument("name", help="the name to sign in with")


def run(args: argparse.Namespace) -> int:
    verbs = {"list": _list, "grant": _grant, "link": _link, "password": _password}
    return verbs[args.verb](args)


def _list(args: argparse.Namespace) -> int:
    for person in people.persons_in([args.place], viewer=node_viewer()):
        grants = viewer_for_person(int(person["id"])).grants
        held = ", ".join(f"{grant.role} {grant.scope.prefix}" for grant in grants)
        sys.stdout.write(f"{person['id']}  {person['name']}  {person['place_code']}  {held}\n")
    return 0


def _grant(args: argparse.Namespace) -> int:
    services.register_account(
        viewer=node_viewer(), person_id=args.person, grants=[[args.role, args.place]]
    )
    sys.stdout.write(f"{args.person}  {args.role} {args.place}\n")
    return 0


def _link(args: argparse.Namespace) -> int:
    token = services.make_one_time_link(args.person, hours=args.hours)
    sys.stdout.write(f"{args.address}/link/{token}\n")
    return 0


def _password(args: argparse.Namespace) -> int:
    first = getpass.getpass("密码 / password: ")
    if first != getpass.getpass("再输一次 / again: "):
        sys.stderr.write("两次输入不一样，没有更改。\nThey differ; nothing was changed.\n")
        return 1
    services.set_password(args.person, args.name, first)
    return 0
