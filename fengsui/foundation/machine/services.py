"""The verbs of this app: a certificate sent down, and taken up by the box it is for."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import erasures
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.machine import backups
from fengsui.foundation.machine.errors import NO_SHARED_KEY, UNFIT_CERTIFICATE
from fengsui.foundation.machine.facts import CERTIFICATE_CARRIED
from fengsui.foundation.machine.models import CarriedCertificate
from fengsui.foundation.nodes import queries as nodes
from fengsui.gateways import certificates

CHAIN, KEY = "chain.pem", "key.pem"
_CONTEXT = b"fengsui page certificate 1"
log = logging.getLogger("fengsui.writer")


@command
def carry_certificate(
    *, viewer: Viewer, public_key: bytes, chain_pem: bytes, key_pem: bytes
) -> dict[str, Any]:
    """Sends a certificate and its key down to a node as a fact; only that node reads the key.

    Needs manage_accounts over the node's place.
    """
    node = nodes.by_key(public_key)
    scope = node.scope if node is not None else ""
    require(viewer, Permission.MANAGE_ACCOUNTS, scope)
    try:
        certificate = certificates.fits(chain_pem, key_pem)
        sealed = bytes(Aead(nodes.link_key(public_key)).encrypt(key_pem, _CONTEXT))
    except ValueError:
        raise UNFIT_CERTIFICATE() from None
    except LookupError:
        raise NO_SHARED_KEY() from None
    not_after = certificate.not_valid_after_utc
    fact = record(
        CERTIFICATE_CARRIED,
        fields={
            "node_key": public_key,
            "chain": chain_pem,
            "sealed_key": sealed,
            "names": certificates.names_of(certificate),
            "not_after_ms": int(not_after.timestamp() * 1000),
        },
        scope=scope,
        viewer=viewer,
    )
    return {"fact_id": fact.id, "not_after": f"{not_after:%Y-%m-%d}"}


def take_up_certificate() -> bool:
    """Puts the newest certificate that was sent to this node under `tls/`; True if it did."""
    own = nodes.own_key().public
    carried = CarriedCertificate.objects.filter(node_key=own).first()
    folder = settings.HOME / "tls"
    if carried is None or _stands(folder, bytes(carried.chain)):
        return False
    try:
        key_pem = Aead(nodes.link_key(bytes(carried.author_key))).decrypt(
            bytes(carried.sealed_key), _CONTEXT
        )
        certificates.fits(bytes(carried.chain), key_pem)
    except (CryptoError, LookupError, ValueError):
        log.error("a certificate was sent to this node, but its key cannot be opened here")
        return False
    folder.mkdir(mode=0o700, exist_ok=True)
    _write(folder / KEY, key_pem)
    _write(folder / CHAIN, bytes(carried.chain))
    log.warning("a new certificate for the pages was taken up")
    return True


def _stands(folder: Path, chain: bytes) -> bool:
    try:
        return (folder / CHAIN).read_bytes() == chain
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(path)


def carry_erasures() -> None:
    """The register of erasures to where the backups lie; a medium that is away gets it later."""
    for folder in (backups.folder(settings.HOME), backups.second_medium()):
        if folder is None or not folder.is_dir():
            continue
        try:
            erasures.carry_to(settings.HOME, folder)
        except OSError:
            log.exception("the register of erasures could not be written to the backups")
