"""HTTPS of a node: which certificate, for which names, and the plain page beside it. No Django."""

from __future__ import annotations

import html
import os
import ssl
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import segno
from cryptography import x509

from fengsui.gateways import certificates

CHAIN, KEY, ROOT = "chain.pem", "key.pem", "ca.pem"
ROOT_PATH = "/ca.crt"
LOOK_SECONDS = 30.0


class NoCertificateError(Exception):
    """Why HTTPS cannot be spoken, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Certificate:
    """A chain and its key on the disk, and what they stand for."""

    chain: Path
    key: Path
    names: tuple[str, ...]

    def environment(self, host: str) -> dict[str, str]:
        """What the node's processes must know to speak HTTPS under these names."""
        hosts = dict.fromkeys((*self.names, host, "127.0.0.1", "localhost"))
        return {
            "FENGSUI_TLS_CERT": str(self.chain),
            "FENGSUI_TLS_KEY": str(self.key),
            "FENGSUI_HTTPS": "1",
            "FENGSUI_HOSTS": os.environ.get("FENGSUI_HOSTS") or ",".join(hosts),
        }


def find(home: Path) -> Certificate:
    """FENGSUI_TLS_CERT and FENGSUI_TLS_KEY, else those under `tls/`. Raises NoCertificateError."""
    chain = Path(os.environ.get("FENGSUI_TLS_CERT") or home / "tls" / CHAIN)
    key = Path(os.environ.get("FENGSUI_TLS_KEY") or home / "tls" / KEY)
    try:
        certificate = certificates.fits(chain.read_bytes(), key.read_bytes())
    except (OSError, ValueError) as error:
        raise NoCertificateError(
            f"没有可用的网页证书（{chain}：{error}）。请先运行 fengsui ca issue，"
            "或设置 FENGSUI_TLS_CERT 和 FENGSUI_TLS_KEY。",
            f"No usable certificate ({chain}: {error}). Run `fengsui ca issue`, or set "
            "FENGSUI_TLS_CERT and FENGSUI_TLS_KEY.",
        ) from error
    return Certificate(chain, key, tuple(certificates.names_of(certificate)))


def install(home: Path, chain_pem: bytes, key_pem: bytes) -> None:
    """Puts a certificate under `tls/`; the running pages take it up. Raises ValueError."""
    certificates.fits(chain_pem, key_pem)
    folder = home / "tls"
    folder.mkdir(mode=0o700, exist_ok=True)
    # The key first: until the chain is there too, the pair does not fit and is not taken up.
    for name, content in ((KEY, key_pem), (CHAIN, chain_pem)):
        partial = folder / f"{name}.partial"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(folder / name)


def wait_for_another(certificate: Certificate, stop: threading.Event) -> bool:
    """True once another certificate lies there and fits its key; False when told to stop."""
    before = certificate.chain.stat().st_mtime_ns
    while not stop.wait(LOOK_SECONDS):
        try:
            if certificate.chain.stat().st_mtime_ns != before:
                certificates.fits(certificate.chain.read_bytes(), certificate.key.read_bytes())
                return True
        except (OSError, ValueError):
            continue
    return False


def looking_at_ourselves() -> ssl.SSLContext:
    """For asking this very machine whether it answers: its name is not in the certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


# --- the plain page ---------------------------------------------------------------------------

_PAGE = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>烽燧：请用安全地址</title>
<style>body{{font:18px/1.6 sans-serif;margin:1.5rem;max-width:34rem}}svg{{width:12rem}}
a{{word-break:break-all}}</style>
<h1>请用安全地址打开</h1>
<p><a href="{address}">{address}</a></p>
{code}
{root_zh}
<h2 lang="en">Use the secure address</h2>
<p lang="en"><a href="{address}">{address}</a></p>
{root_en}
</html>"""
_ROOT_ZH = """<h2>第一次用？先装县里的证书</h2>
<ol><li><a href="{path}">下载证书</a>。</li>
<li>安卓：设置 → 安全 → 加密与凭据 → 安装证书 → CA 证书。苹果：设置 → 已下载描述文件 → 安装，
再到 通用 → 关于本机 → 证书信任设置 打开它。</li>
<li>核对指纹，与县里公布的一致才装：<br><code>{fingerprint}</code></li></ol>"""
_ROOT_EN = """<p lang="en">The first time: install <a href="{path}">the county's certificate</a>
as a CA certificate, after comparing its fingerprint above with the one the county published.</p>"""


def hint_page(address: str, root_pem: bytes | None) -> str:
    """Where the secure page is, and how a phone comes to trust it."""
    drawn = segno.make(address, error="m").svg_inline(scale=4)
    root_zh = root_en = ""
    if root_pem is not None:
        root = x509.load_pem_x509_certificate(root_pem)
        root_zh = _ROOT_ZH.format(path=ROOT_PATH, fingerprint=certificates.fingerprint(root))
        root_en = _ROOT_EN.format(path=ROOT_PATH)
    return _PAGE.format(
        address=html.escape(address),
        code=drawn,
        root_zh=root_zh,
        root_en=root_en,
    )


def serve_hint(home: Path, host: str, port: int, address: str, stop: threading.Event) -> None:
    """Answers plain HTTP with where the secure page is, and hands out the county's certificate."""
    root = home / "tls" / ROOT
    root_pem = root.read_bytes() if root.exists() else None
    page = hint_page(address, root_pem).encode()

    class Hint(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == ROOT_PATH and root_pem is not None:
                self._send(root_pem, "application/x-x509-ca-cert")
            else:
                self._send(page, "text/html; charset=utf-8")

        def _send(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """A line a visit says nothing."""

    server = ThreadingHTTPServer((host, port), Hint)

    def end() -> None:
        stop.wait()
        server.shutdown()

    threading.Thread(target=end, daemon=True).start()
    server.serve_forever()
    server.server_close()
