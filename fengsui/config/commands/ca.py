"""`fengsui ca init|issue|install|carry|show`: certificates for the boxes of a county's LANs."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from fengsui.config import tls
from fengsui.config.home import home_folder
from fengsui.foundation.journal import clock
from fengsui.gateways import certificates

CERTIFICATE, PRIVATE = "ca.pem", "ca.key"
EXIT_REFUSED = 1


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("ca", help="县里的网页证书 / certificates for village LANs")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    init = actions.add_parser("init", help="建立县根证书（离线保管）/ make the county's root")
    init.add_argument("--folder", type=Path, required=True, help="on a stick that is locked away")
    init.add_argument("--county", required=True, help="县名 / the county's name")
    init.add_argument("--domain", action="append", default=[], help="the county's own domain")
    issue = actions.add_parser("issue", help="给一台盒子签发证书 / a certificate for a box")
    issue.add_argument("--folder", type=Path, required=True, help="where `ca init` put the root")
    issue.add_argument("--name", action="append", required=True, help="DNS name or address")
    issue.add_argument("--days", type=int, default=certificates.SERVER_LIFE.days)
    issue.add_argument("--to", type=Path, help="for another box; else for this one, at once")
    install = actions.add_parser("install", help="装上带来的证书 / take one that was brought")
    carry = actions.add_parser("carry", help="随记录带给下级盒子 / send one down as a fact")
    carry.add_argument("--node", required=True, help="its number (fengsui node status)")
    for one in (install, carry):
        one.add_argument("--cert", type=Path, required=True)
        one.add_argument("--key", type=Path, required=True)
    install.add_argument("--root", type=Path, help="the county's root, to hand to phones")
    show = actions.add_parser("show", help="查看证书、导出手机安装页 / say what there is")
    show.add_argument("--page", type=Path, help="writes the page for phones, with a QR code")
    show.add_argument("--address", help="the secure address that goes into the QR code")


def run(args: argparse.Namespace) -> int:
    actions = {"init": _init, "issue": _issue, "install": _install, "carry": _carry, "show": _show}
    try:
        return actions[args.action](args)
    except certificates.NotPermittedError as error:
        sys.stderr.write(
            f"县根证书不得为 {error.name} 签发：只限本县域名、.lan/.local 和内网地址。\n"
            f"The county's root may not certify {error.name}: only its own domain and the LAN.\n"
        )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"没有完成：{error}\nNot done: {error}\n")
    return EXIT_REFUSED


def _init(args: argparse.Namespace) -> int:
    authority = certificates.make_authority(args.county, args.domain, clock.machine_now())
    args.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(args.folder / PRIVATE, certificates.key_pem(authority.key), new=True)
    _write(args.folder / CERTIFICATE, certificates.pem(authority.certificate), new=True)
    _say(
        f"县根证书已建立：{args.folder / CERTIFICATE}。私钥 {PRIVATE} 请离线保管。指纹：",
        f"The county's root is made. Keep {PRIVATE} offline. Its fingerprint:",
        certificates.fingerprint(authority.certificate),
    )
    return 0


def _issue(args: argparse.Namespace) -> int:
    root_pem = (args.folder / CERTIFICATE).read_bytes()
    authority = certificates.read_authority(root_pem, (args.folder / PRIVATE).read_bytes())
    life = timedelta(days=args.days)
    made = certificates.issue(authority, args.name, clock.machine_now(), life)
    if args.to is None:
        home = home_folder()
        tls.install(home, made.chain_pem, made.key_pem)
        _write(home / "tls" / tls.ROOT, root_pem)
        where = home / "tls"
    else:
        args.to.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(args.to / tls.KEY, made.key_pem)
        _write(args.to / tls.CHAIN, made.chain_pem)
        _write(args.to / tls.ROOT, root_pem)
        where = args.to
    _say(
        f"证书已写入 {where}，有效期到 {made.not_after:%Y-%m-%d}，用于 {'、'.join(args.name)}。",
        f"The certificate is in {where}, valid until {made.not_after:%Y-%m-%d}.",
    )
    return 0


def _install(args: argparse.Namespace) -> int:
    home = home_folder()
    tls.install(home, args.cert.read_bytes(), args.key.read_bytes())
    if args.root is not None:
        _write(home / "tls" / tls.ROOT, args.root.read_bytes())
    _say(
        "已装上，网页将在半分钟内换用新证书。", "Installed; the pages take it up in half a minute."
    )
    return 0


def _carry(args: argparse.Namespace) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fengsui.config.settings")
    import django

    django.setup()
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.machine import services
    from fengsui.foundation.nodes import queries as nodes

    node = nodes.by_short_id(int(args.node))
    if node is None:
        raise ValueError(f"没有编号为 {args.node} 的节点 / no node has the number {args.node}")
    carried = services.carry_certificate(
        viewer=node_viewer(),
        public_key=node.public_key,
        chain_pem=args.cert.read_bytes(),
        key_pem=args.key.read_bytes(),
    )
    _say(
        f"证书已加密写入记录，将随下次联网或 U 盘到达 {node.name}（到期 {carried['not_after']}）。",
        f"Sealed into the record; it reaches {node.name} with the next session or stick.",
    )
    return 0


def _show(args: argparse.Namespace) -> int:
    folder = home_folder() / "tls"
    root = folder / tls.ROOT
    if root.exists():
        loaded = x509.load_pem_x509_certificate(root.read_bytes())
        _say("县根证书指纹 / the county's root:", certificates.fingerprint(loaded))
    if (folder / tls.CHAIN).exists():
        own = x509.load_pem_x509_certificates((folder / tls.CHAIN).read_bytes())[0]
        left = (own.not_valid_after_utc - clock.machine_now()).days
        _say(
            f"本机证书：{'、'.join(certificates.names_of(own))}，"
            f"到期 {own.not_valid_after_utc:%Y-%m-%d}（{left} 天）",
            f"This box's certificate ends on {own.not_valid_after_utc:%Y-%m-%d} ({left} days).",
        )
    else:
        _say("本机没有网页证书。", "This box has no certificate.")
    if args.page is not None:
        address = args.address or f"https://{tls.find(home_folder()).names[0]}:8600/"
        page = tls.hint_page(address, root.read_bytes() if root.exists() else None)
        args.page.write_text(page)
    return 0


def _write(path: Path, content: bytes, *, new: bool = False) -> None:
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if new else os.O_TRUNC)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
