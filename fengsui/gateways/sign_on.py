"""Single sign-on by OpenID Connect: what is asked of a provider, and when its answer is believed.

OpenID Connect Core 1.0 §3.1 (code flow), RFC 7636 (PKCE), RFC 9207 (issuer in the answer). Knows no
network and no clock: documents and the present second come in as arguments.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

# Signatures by a key that only the provider holds. "none" and the shared-secret family are not
# here: with them whoever can read the client's settings could sign for anybody.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")
LEEWAY_SECONDS = 60
TOKEN_BYTES_MAX = 32_768
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class NotBelieved(Exception):
    """Why an answer of the provider is not followed; `detail` is a word for the record."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider as this node knows it. `address`: the node's public address, "" to derive it."""

    id: str
    zh: str
    en: str
    issuer: str
    client_id: str
    client_secret: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The provider's own description (OpenID Connect Discovery 1.0 §3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


def is_safe_address(url: str) -> bool:
    """HTTPS; plain HTTP only to this machine itself."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def read_metadata(document: Mapping[str, Any], provider: Provider) -> Metadata:
    """Raises NotBelieved where the document is for another issuer or names unsafe addresses."""
    names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
    values = [document.get(name) for name in names]
    if not all(isinstance(value, str) for value in values):
        raise NotBelieved("discovery")
    metadata = Metadata(*map(str, values))
    if metadata.issuer != provider.issuer:
        raise NotBelieved("issuer")
    if not all(is_safe_address(str(value)) for value in values[1:]):
        raise NotBelieved("address")
    return metadata


def challenge_of(verifier: str) -> str:
    """RFC 7636 §4.2, S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def authorisation_address(
    metadata: Metadata,
    provider: Provider,
    *,
    redirect_uri: str,
    state: str,
    nonce: str,
    verifier: str,
    asks_anew: bool,
) -> str:
    """Where the browser is sent. `asks_anew`: the provider must not rely on who is signed in."""
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    if asks_anew:
        query |= {"prompt": "login", "max_age": "0"}
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"


def key_wanted(id_token: str) -> str:
    """The `kid` that the token names, "" where none: a new one means that keys were rotated."""
    from joserfc import jws  # an idle node does without these libraries
    from joserfc.errors import JoseError

    try:
        header = jws.extract_compact(id_token.encode()).headers()
    except (JoseError, ValueError, AttributeError):
        return ""
    return str(header.get("kid", ""))


def subject_of(
    id_token: str, *, keys: Mapping[str, Any], provider: Provider, nonce: str, now_s: int
) -> str:
    """The stable subject that the token speaks of. Raises NotBelieved with the reason.

    Nothing else of the token is used: an e-mail address or a name may be given to somebody else.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if not isinstance(id_token, str) or len(id_token) > TOKEN_BYTES_MAX:
        raise NotBelieved("token")
    try:
        key_set = KeySet.import_key_set(dict(keys))  # type: ignore[arg-type]
        token = jwt.decode(id_token, key_set, algorithms=list(ALGORITHMS))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotBelieved("signature") from error
    claims = token.claims
    if claims.get("iss") != provider.issuer:
        raise NotBelieved("issuer")
    audience = claims.get("aud")
    everybody = audience if isinstance(audience, list) else [audience]
    if provider.client_id not in everybody:
        raise NotBelieved("audience")
    if (len(everybody) > 1 or "azp" in claims) and claims.get("azp") != provider.client_id:
        raise NotBelieved("audience")
    if not nonce or claims.get("nonce") != nonce:
        raise NotBelieved("nonce")
    expires, issued = claims.get("exp"), claims.get("iat")
    if not _is_second(expires) or now_s > int(str(expires)) + LEEWAY_SECONDS:
        raise NotBelieved("expired")
    if not _is_second(issued) or int(str(issued)) > now_s + LEEWAY_SECONDS:
        raise NotBelieved("time")
    try:
        CodeIDToken(claims, token.header, params={"nonce": nonce}).validate(now_s, LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise NotBelieved("claims") from error
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise NotBelieved("subject")
    return subject


def _is_second(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
