"""From one release to the next, and back: see docs/adr/0023-releases.md.

What `fengsui up` asks before and after it starts is here, so that a node that is not being
upgraded loads nothing of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fengsui.config import releases
from fengsui.config.upgrading.record import RETURNING, SWITCHING, TRYING, Record


class NotNowError(Exception):
    """The node must not start at this moment; in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")


def before_start(home: Path) -> None:
    """Finishes an upgrade that was interrupted, or takes it back. Raises NotNowError."""
    record = Record.read(home)
    if record is None:
        return
    from fengsui.config.upgrading import steps, swap

    try:
        with steps.alone(home):
            steps.finish(home, _say)
    except swap.UpgradeError:
        # Somebody is upgrading: it may be that very process that starts this one.
        if record.state in (SWITCHING, RETURNING):
            raise NotNowError("正在升级，稍后再启动。", "An upgrade is under way.") from None
        return
    check_is_current()


def check_is_current() -> None:
    """Another release's data is not this program's to open. Raises NotNowError."""
    here = releases.installation()
    if here is not None and here.current() != releases.own_version():
        raise NotNowError(
            f"现在用的是版本 {here.current()}，请再启动一次。",
            f"Release {here.current()} is the one that starts now; start again.",
        )


def is_on_trial(home: Path) -> bool:
    """Whether this is a new release's start that nobody watches from outside."""
    record = Record.read(home)
    if record is None or record.state != TRYING:
        return False
    from fengsui.config.upgrading import steps, swap

    try:
        with steps.alone(home):
            return True
    except swap.UpgradeError:
        return False


def after_start(home: Path) -> None:
    """The node is well: an upgrade that waited for this is over."""
    if Record.read(home) is not None:
        from fengsui.config.upgrading import steps

        steps.settle(home)


def take_back(home: Path) -> None:
    """The new release did not get well: the old one starts next."""
    record = Record.read(home)
    if record is not None:
        from fengsui.config.upgrading import steps

        with steps.alone(home):
            steps.go_back(home, record)


def _say(zh: str, en: str) -> None:
    sys.stderr.write(f"{zh} / {en}\n")
