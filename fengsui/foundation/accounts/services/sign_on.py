"""Single sign-on: the requests to the provider, and whom its answer stands for."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

from django.conf import settings

from fengsui.foundation.accounts.errors import (
    IDENTITY_UNKNOWN,
    SIGN_ON_ABSENT,
    SIGN_ON_FAILED,
)
from fengsui.foundation.accounts.queries.secrets import person_of_identity
from fengsui.foundation.journal import clock
from fengsui.gateways import sign_on as oidc
from fengsui.standards.instants import to_iso

TIMEOUT_SECONDS = 6.0
DOCUMENT_BYTES_MAX = 262_144
KEPT_SECONDS = 3600
STATE_MINUTES = 10
START_PER_MINUTE = 60
REQUIRED = ("id", "issuer", "client_id")


class _Known:
    """What was fetched from each issuer, for an hour; keys again when a new one is named."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.documents: dict[str, tuple[float, dict[str, Any]]] = {}

    def get(self, address: str, *, again: bool = False) -> dict[str, Any]:
        now = clock.machine_now().timestamp()
        with self.lock:
            at, document = self.documents.get(address, (0.0, {}))
        if document and not again and now - at < KEPT_SECONDS:
            return document
        document = _fetch(address)
        with self.lock:
            self.documents[address] = (now, document)
        return document

    def forget(self) -> None:
        with self.lock:
            self.documents.clear()


known = _Known()


def providers() -> list[oidc.Provider]:
    """The providers of this node's settings file; none where there is no file."""
    path: Path = settings.SIGN_ON_FILE
    if not path.is_file():
        return []
    rows = json.loads(path.read_text("utf-8"))["providers"]
    return [
        oidc.Provider(
            id=str(row["id"]),
            zh=str(row.get("zh", "统一身份认证")),
            en=str(row.get("en", "Single sign-on")),
            issuer=str(row["issuer"]),
            client_id=str(row["client_id"]),
            client_secret=str(row.get("client_secret", "")),
            address=str(row.get("address", "")).rstrip("/"),
        )
        for row in rows
        if all(row.get(name) for name in REQUIRED) and oidc.is_safe_address(str(row["issuer"]))
    ]


def provider_of(provider_id: str) -> oidc.Provider:
    """Raises accounts.sign_on_absent."""
    found = [one for one in providers() if one.id == provider_id]
    if not found:
        raise SIGN_ON_ABSENT()
    return found[0]


def start(provider: oidc.Provider, *, redirect_uri: str, links: bool) -> tuple[str, dict[str, Any]]:
    """Where to send the browser, and what its session must remember until it comes back."""
    remembered: dict[str, Any] = {
        "provider": provider.id,
        "state": secrets.token_urlsafe(24),
        "nonce": secrets.token_urlsafe(24),
        "verifier": secrets.token_urlsafe(48),
        "redirect_uri": redirect_uri,
        "links": links,
        "until": to_iso(clock.machine_now() + timedelta(minutes=STATE_MINUTES)),
    }
    try:
        address = oidc.authorisation_address(
            _metadata(provider),
            provider,
            redirect_uri=redirect_uri,
            state=remembered["state"],
            nonce=remembered["nonce"],
            verifier=remembered["verifier"],
            asks_anew=links,
        )
    except oidc.NotBelieved as error:
        raise SIGN_ON_FAILED(detail=error.detail) from error
    return address, remembered


def finish(provider: oidc.Provider, *, code: str, remembered: dict[str, Any]) -> str:
    """The subject for whom the provider vouches. Raises accounts.sign_on_failed."""
    try:
        return _finish(provider, code, remembered)
    except oidc.NotBelieved as error:
        raise SIGN_ON_FAILED(detail=error.detail) from error


def _finish(provider: oidc.Provider, code: str, remembered: dict[str, Any]) -> str:
    import httpx  # an idle node does without it

    metadata = _metadata(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": remembered["redirect_uri"],
        "code_verifier": remembered["verifier"],
        "client_id": provider.client_id,
    }
    # RFC 6749 2.3.1: both are form-encoded before they become the name and word of Basic.
    name, word = (quote(one, safe="") for one in (provider.client_id, provider.client_secret))
    try:
        answer = httpx.post(
            metadata.token_endpoint,
            data=form,
            auth=httpx.BasicAuth(name, word) if provider.client_secret else None,
            timeout=TIMEOUT_SECONDS,
            follow_redirects=False,
        )
        answer.raise_for_status()
        id_token = answer.json().get("id_token")
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        raise oidc.NotBelieved("token endpoint") from error
    if not isinstance(id_token, str):
        raise oidc.NotBelieved("token")
    return _subject(provider, metadata, id_token, remembered["nonce"])


def _subject(provider: oidc.Provider, metadata: oidc.Metadata, id_token: str, nonce: str) -> str:
    now_s = int(clock.machine_now().timestamp())
    keys = known.get(metadata.jwks_uri)
    held = {one.get("kid", "") for one in keys.get("keys", [])}
    if oidc.key_wanted(id_token) not in held:
        keys = known.get(metadata.jwks_uri, again=True)
    return oidc.subject_of(id_token, keys=keys, provider=provider, nonce=nonce, now_s=now_s)


def person_behind(provider: oidc.Provider, subject: str) -> int:
    """Raises accounts.identity_unknown: nobody gets in by name or e-mail address alone."""
    person_id = person_of_identity(provider.issuer, subject)
    if person_id is None:
        raise IDENTITY_UNKNOWN()
    return person_id


def _metadata(provider: oidc.Provider) -> oidc.Metadata:
    address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    return oidc.read_metadata(known.get(address), provider)


def _fetch(address: str) -> dict[str, Any]:
    import httpx  # an idle node does without it

    try:
        answer = httpx.get(address, timeout=TIMEOUT_SECONDS, follow_redirects=False)
        answer.raise_for_status()
        if len(answer.content) > DOCUMENT_BYTES_MAX:
            raise oidc.NotBelieved("document")
        document = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise oidc.NotBelieved("no answer") from error
    if not isinstance(document, dict):
        raise oidc.NotBelieved("document")
    return document
