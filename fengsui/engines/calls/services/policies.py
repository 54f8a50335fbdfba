"""Which policy a callout rings by: the county's own version in force, else the default."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.errors import NO_SUCH_POLICY, POLICY_UNREADABLE
from fengsui.engines.calls.policies import default_policies

log = logging.getLogger("fengsui.calls")

# name of a policy, code of a place -> a plain policy with its "version", or None for the default
PolicySource = Callable[[str, str], Mapping[str, Any] | None]


def _no_own(name: str, place_code: str) -> None:
    return None


_source: PolicySource = _no_own


def set_policy_source(source: PolicySource | None) -> None:
    """`config` calls this once: which version of a policy is in force at a place."""
    global _source
    _source = source or _no_own


def policy_for(name: str, place_code: str) -> rules.Policy:
    """The policy in force. Raises calls.no_such_policy; one that cannot be read is never used.

    A version that this program cannot read (it came from a newer one) must not keep anybody from
    being called: then the default rings.
    """
    own = _source(name, place_code)
    if own is not None:
        try:
            return rules.policy_from_plain(own)
        except rules.PolicyError as error:
            log.error(
                "policy %s of %s cannot be read, the default rings: %s", name, place_code, error
            )
    found = default_policies().get(name)
    if found is None:
        raise NO_SUCH_POLICY(name=name)
    return found


def read_policy(plain: Mapping[str, Any]) -> dict[str, Any]:
    """A plain policy, checked and in its full form. Raises calls.policy_unreadable."""
    try:
        return rules.policy_from_plain(plain).to_plain()
    except rules.PolicyError as error:
        raise POLICY_UNREADABLE(why=str(error)) from error


def default_plain() -> dict[str, dict[str, Any]]:
    """The defaults of the program by name, in full form. Defaults, not law."""
    return {name: policy.to_plain() for name, policy in default_policies().items()}
