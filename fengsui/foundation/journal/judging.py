"""What becomes of a fact from elsewhere. Pure, and the same at every hop and in the simulator.

First the link (`link_fault`): is it the next of this chain, whole, and signed. Then the content
(`judge`): may this node state this, does this program know the kind, do the values fit.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fengsui.foundation.journal import codec, rules, signing
from fengsui.foundation.journal.codec import FeedKey, Header, MalformedFactError
from fengsui.foundation.journal.facts import ID_BYTES, Fact, FactClass, FactKind
from fengsui.foundation.journal.rules import Arrived, Verdict

NOT_SIGNED = "it is not signed"
BAD_SIGNATURE = "its signature does not fit"

AppJudge = Callable[[Fact], str | None]
Refuses = Callable[[Header], str | None]

log = logging.getLogger("fengsui.journal")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`fact` is to be applied (TAKEN); KEPT waits for a newer program; REFUSED has a reason."""

    verdict: Verdict
    fact: Fact | None = None
    reason: str = ""


def link_fault(
    arrived: Arrived, feed: bytes, tip: bytes, key: FeedKey, suite: signing.Suite
) -> str | None:
    """Why this is not the sound next link after the header hash `tip`, or None."""
    fault = rules.chain_fault(arrived, feed, tip, key) or rules.body_fault(arrived, suite.digest)
    if fault is not None:
        return fault
    if arrived.signature is None:
        return NOT_SIGNED if FactClass(key.fact_class).signs_each else None
    return None if is_signed(arrived, key, suite) else BAD_SIGNATURE


def is_signed(arrived: Arrived, key: FeedKey, suite: signing.Suite) -> bool:
    message = codec.signed_bytes(arrived.header_bytes)
    return arrived.signature is not None and suite.is_valid(
        key.public_key, message, arrived.signature
    )


def judge(
    arrived: Arrived,
    key: FeedKey,
    *,
    kinds: Mapping[int, FactKind],
    node_scope: str,
    refuses: Refuses | None = None,
    app_judges: Mapping[str, AppJudge] | None = None,
) -> Judgement:
    """Whether a sound link may be applied. `refuses`: certificate and revocation of the author."""
    header = arrived.header
    kind = kinds.get(header.kind)
    reason = rules.policy_fault(header, key, kind, node_scope)
    if reason is None and refuses is not None:
        reason = refuses(header)
    if reason is not None:
        return Judgement(Verdict.REFUSED, reason=reason)
    if kind is None or header.schema > kind.version:
        return Judgement(Verdict.KEPT)
    try:
        elements = codec.decode_body(arrived.body)
        fact = codec.decode_fact(kind, arrived.hash[:ID_BYTES], header, elements)
        reason = rules.schema_fault(fact)
        app_judge = (app_judges or {}).get(kind.name)
        if reason is None and app_judge is not None:
            reason = app_judge(fact)
    except MalformedFactError as error:
        reason = str(error)
    except Exception:
        log.exception("a fact %s could not be read", kind.name)
        reason = "its values could not be read"
    if reason is not None:
        return Judgement(Verdict.REFUSED, reason=reason)
    return Judgement(Verdict.TAKEN, fact=fact)


def clock_after(own: int, theirs: int, now: datetime) -> tuple[int, bool]:
    """The own clock once `theirs` was seen, and whether theirs is suspect and was not followed."""
    if rules.is_clock_suspect(theirs, now):
        return own, True
    return max(own, theirs), False
