"""Single sign-on against a real provider (npm oidc-provider) on loopback, and against forgers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from django.test import Client

from fengsui.foundation.accounts import queries, services
from fengsui.foundation.accounts.models import Identity, SignIn
from fengsui.foundation.accounts.services import sign_on
from fengsui.gateways import sign_on as oidc
from tests.world import county as world
from tests.world.oidc import SECRET, Provider
from tests.world.postgres import free_port

BACK = "http://testserver/api/v1/sign-on/county/back"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    one = Provider(BACK)
    one.start()
    yield one
    one.stop()


@pytest.fixture
def provider(running: Provider, settings: Any, tmp_path: Path) -> Provider:
    """This node knows the provider under the name "county"."""
    file = tmp_path / "sign-on.json"
    row = running.row()
    file.write_text(json.dumps({"providers": [row, {**row, "id": "other"}]}))
    settings.SIGN_ON_FILE = file
    sign_on.known.forget()
    return running


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


def walk(location: str, subject: str) -> str:
    """What a person does at the provider: signs in, agrees. The address they are sent back to."""
    with httpx.Client(follow_redirects=False, timeout=20) as browser:
        return _walk(browser, location, subject)


def _walk(browser: httpx.Client, location: str, subject: str) -> str:
    answer = browser.get(location)
    for _ in range(12):
        if answer.status_code in (302, 303):
            target = urljoin(str(answer.url), answer.headers["Location"])
            if target.startswith(BACK):
                return target
            answer = browser.get(target)
            continue
        assert answer.status_code == 200, answer.text[:300]
        action = re.search(r'action="([^"]+)"', answer.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert action, answer.text[:500]
        assert prompt, answer.text[:500]
        form = {"prompt": prompt[1]} | (
            {"login": subject, "password": "x"} if prompt[1] == "login" else {}
        )
        answer = browser.post(urljoin(str(answer.url), action[1]), data=form)
    raise AssertionError("the provider never sent the browser back")


def start(client: Client, provider: str = "county") -> str:
    answer = client.get(f"/api/v1/sign-on/{provider}/start")
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def come_back(client: Client, address: str) -> str:
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 302
    return str(answer["Location"])


def who(client: Client) -> str | None:
    person = client.get("/api/v1/session").json()["person"]
    return person["id"] if person else None


def entered(person_id: int) -> Client:
    client = Client()
    token = services.make_one_time_link(person_id)
    client.post("/api/v1/session/link", {"token": token}, content_type="application/json")
    assert who(client) == str(person_id)
    return client


def link(client: Client, subject: str) -> str:
    location = client.post("/api/v1/sign-on/county/link").json()["location"]
    assert "prompt=login" in location
    return come_back(client, walk(location, subject))


def test_a_person_links_themselves_on_the_desk_and_comes_in_by_single_sign_on(
    provider: Provider, county: world.County
) -> None:
    officer = county.ids["officer"]
    assert link(entered(officer), "subject-1") == "/desk/my-sign-in?linked=1"
    visitor = Client()
    assert come_back(visitor, walk(start(visitor), "subject-1")) == "/desk/"
    assert who(visitor) == str(officer)
    assert SignIn.objects.filter(person_id=officer, how="sign_on", outcome="in").exists()
    (identity,) = queries.identities_of(officer)
    assert "subject-1" not in json.dumps(identity)


def test_nobody_comes_in_by_the_same_name_or_mailbox(
    provider: Provider, county: world.County
) -> None:
    """The provider says 示意甲 and one e-mail address of everybody."""
    link(entered(county.ids["officer"]), "subject-1")
    stranger = Client()
    led = come_back(stranger, walk(start(stranger), "subject-2"))
    assert led == "/desk/sign-in?sign_on=identity_unknown"
    assert who(stranger) is None


def test_after_the_provider_has_changed_its_key_people_still_come_in(
    provider: Provider, county: world.County
) -> None:
    link(entered(county.ids["officer"]), "subject-1")
    provider.restart()
    visitor = Client()
    assert come_back(visitor, walk(start(visitor), "subject-1")) == "/desk/"


def test_an_answer_counts_once_and_only_for_the_browser_that_went_out(
    provider: Provider, county: world.County
) -> None:
    link(entered(county.ids["officer"]), "subject-1")
    victim, thief = Client(), Client()
    answer = walk(start(victim), "subject-1")
    start(thief)
    assert come_back(thief, answer) == "/desk/sign-in?sign_on=sign_on_failed"
    assert who(thief) is None
    assert come_back(victim, answer) == "/desk/"
    assert come_back(victim, answer) == "/desk/sign-in?sign_on=sign_on_failed"  # replayed


def test_an_answer_that_somebody_smuggles_in_signs_nobody_in(
    provider: Provider, county: world.County
) -> None:
    """Sign-in forgery: the thief's answer is put into the victim's browser."""
    link(entered(county.ids["officer"]), "thief")
    thief, victim = Client(), Client()
    answer = walk(start(thief), "thief")
    assert come_back(victim, answer) == "/desk/sign-in?sign_on=sign_on_failed"
    assert who(victim) is None


@pytest.mark.parametrize("change", ["state=x", "iss=https://evil.invalid", "error=access_denied"])
def test_an_answer_that_was_tampered_with_is_refused(
    change: str, provider: Provider, county: world.County
) -> None:
    link(entered(county.ids["officer"]), "subject-1")
    visitor = Client()
    answer = walk(start(visitor), "subject-1")
    name, value = change.split("=", 1)
    query = {key: each[0] for key, each in parse_qs(urlsplit(answer).query).items()}
    answer = f"{BACK}?{httpx.QueryParams(query | {name: value})}"
    assert come_back(visitor, answer) == "/desk/sign-in?sign_on=sign_on_failed"
    assert who(visitor) is None


def test_a_state_of_one_provider_is_not_taken_from_another(
    provider: Provider, county: world.County
) -> None:
    visitor = Client()
    answer = walk(start(visitor), "subject-1")
    moved = answer.replace("/county/back", "/other/back")
    assert come_back(visitor, moved) == "/desk/sign-in?sign_on=sign_on_failed"


def test_linking_is_a_verb_with_a_csrf_token_and_one_subject_is_one_person(
    provider: Provider, county: world.County
) -> None:
    crossing = Client(enforce_csrf_checks=True)
    assert crossing.post("/api/v1/sign-on/county/link").status_code == 403
    link(entered(county.ids["officer"]), "subject-1")
    led = link(entered(county.ids["leader"]), "subject-1")
    assert led == "/desk/sign-in?sign_on=identity_taken"
    assert Identity.objects.count() == 1


def test_unlinked_is_out(provider: Provider, county: world.County) -> None:
    officer = county.ids["officer"]
    link(entered(officer), "subject-1")
    (identity,) = queries.identities_of(officer)
    services.unlink_identity(
        viewer=county.viewer("officer"), identity_id=int(identity["id"]), reason="换单位"
    )
    visitor = Client()
    led = come_back(visitor, walk(start(visitor), "subject-1"))
    assert led == "/desk/sign-in?sign_on=identity_unknown"


def test_a_provider_that_is_not_there_leaves_the_password(
    county: world.County, settings: Any, tmp_path: Path
) -> None:
    file = tmp_path / "sign-on.json"
    row = {"id": "gone", "issuer": f"http://127.0.0.1:{free_port()}", "client_id": "x"}
    unsafe = {"id": "plain", "issuer": "http://sign-on.example.invalid", "client_id": "x"}
    file.write_text(json.dumps({"providers": [row, unsafe]}))
    settings.SIGN_ON_FILE = file
    sign_on.known.forget()
    assert start(Client(), "gone") == "/desk/sign-in?sign_on=sign_on_failed"
    assert Client().get("/api/v1/sign-on/plain/start").status_code == 404  # not over plain HTTP


# --- forged tokens ----------------------------------------------------------------------------

ISSUER = "https://sign-on.example.invalid"
KNOWN = oidc.Provider("x", "", "", ISSUER, "fengsui", SECRET)
NOW = 1_800_000_000


@pytest.fixture(scope="module")
def signer() -> Any:
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})


def claims(**changes: Any) -> dict[str, Any]:
    plain = {
        "iss": ISSUER,
        "sub": "subject-1",
        "aud": "fengsui",
        "nonce": "n",
        "iat": NOW,
        "exp": NOW + 300,
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}


def signed(signer: Any, **changes: Any) -> str:
    from joserfc import jwt

    return str(jwt.encode({"alg": "RS256", "kid": "k1"}, claims(**changes), signer))


def read(token: str, signer: Any, nonce: str = "n") -> str:
    keys = {"keys": [signer.as_dict(private=False)]}
    return oidc.subject_of(token, keys=keys, provider=KNOWN, nonce=nonce, now_s=NOW)


def test_a_true_token_names_its_subject(signer: Any) -> None:
    assert read(signed(signer), signer) == "subject-1"
    assert read(signed(signer, aud=["fengsui", "x"], azp="fengsui"), signer) == "subject-1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"aud": "somebody-else"}, "audience"),
        ({"aud": ["somebody-else"]}, "audience"),
        ({"aud": ["fengsui", "x"]}, "audience"),
        ({"azp": "somebody-else"}, "audience"),
        ({"aud": None}, "audience"),
        ({"iss": "https://evil.invalid"}, "issuer"),
        ({"exp": NOW - 61}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "2099"}, "expired"),
        ({"iat": NOW + 3600}, "time"),
        ({"iat": None}, "time"),
        ({"sub": ""}, "subject"),
        ({"sub": None}, "claims"),
        ({"sub": 7}, "subject"),
    ],
)
def test_a_token_for_somebody_or_something_else_is_not_believed(
    changes: dict[str, Any], why: str, signer: Any
) -> None:
    with pytest.raises(oidc.NotBelieved) as refused:
        read(signed(signer, **changes), signer)
    assert refused.value.detail in (why, "claims")


def unsigned() -> str:
    import base64

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims())}."


def by_shared_secret(signer: Any) -> str:
    """The public key itself as a shared secret, and the client's own secret: both are no proof."""
    from joserfc import jwt
    from joserfc.jwk import OctKey

    secret = OctKey.import_key(json.dumps(signer.as_dict(private=False)))
    return str(jwt.encode({"alg": "HS256", "kid": "k1"}, claims(), secret))


def by_another_key(_: Any) -> str:
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    other = RSAKey.generate_key(2048, {"kid": "k1"})
    return str(jwt.encode({"alg": "RS256", "kid": "k1"}, claims(), other))


@pytest.mark.parametrize(
    "forge",
    [
        lambda signer: unsigned(),
        by_shared_secret,
        by_another_key,
        lambda signer: signed(signer)[:-4] + "AAAA",
        lambda signer: "",
        lambda signer: "a.b.c",
        lambda signer: "x" * 40_000,
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_not_believed(
    forge: Callable[[Any], str], signer: Any
) -> None:
    with pytest.raises(oidc.NotBelieved):
        read(forge(signer), signer)


def test_the_challenge_is_that_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert oidc.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_description_of_another_issuer_or_over_plain_http_is_not_followed() -> None:
    fine = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/a",
        "token_endpoint": f"{ISSUER}/t",
        "jwks_uri": f"{ISSUER}/k",
    }
    assert oidc.read_metadata(fine, KNOWN).token_endpoint == f"{ISSUER}/t"
    for change in (
        {"issuer": "https://evil.invalid"},
        {"token_endpoint": "http://sign-on.example.invalid/t"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
    ):
        with pytest.raises(oidc.NotBelieved):
            oidc.read_metadata(fine | change, KNOWN)
