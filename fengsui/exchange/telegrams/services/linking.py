"""Links of this machine and the nodes at their other ends."""

from __future__ import annotations

from typing import Any

from fengsui.exchange.telegrams import identity
from fengsui.exchange.telegrams.errors import BAD_ADDRESS, LINK_EXISTS
from fengsui.exchange.telegrams.models import ThinLink, ThinPeer
from fengsui.exchange.telegrams.queries import last_arrival, link
from fengsui.exchange.telegrams.rules import read_address
from fengsui.exchange.telegrams.states import Carrier
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import command
from fengsui.gateways.telegrams.beidou.terminal import Dialect, Payload, Terminal
from fengsui.standards.thin_links import thin_link_figure


def _by_the_machine(viewer: Viewer) -> None:
    """Links are cables of this machine: whoever may run its commands configures them."""
    if not viewer.is_node:
        raise NOT_ALLOWED(permission="thin_links", place="")


@command
def add_link(
    *, viewer: Viewer, name: str, address: str, bytes_per_minute: int | None = None
) -> dict[str, Any]:
    """A terminal or radio of this machine: `serial:/dev/ttyUSB0?dialect=bds3&payload=digits`, or
    `udp:0.0.0.0:9300?signed=1`. Raises telegrams.bad_address, telegrams.link_exists.
    """
    _by_the_machine(viewer)
    read = read_address(address)
    if read is None:
        raise BAD_ADDRESS(address=address)
    if ThinLink.objects.filter(name=name).exists():
        raise LINK_EXISTS(name=name)
    try:
        row = ThinLink(
            name=name,
            address=address,
            carrier=read.carrier.value,
            frame_bytes_max=_frame_bytes_max(read.carrier, read.options),
            pace_ms=int(read.options.get("pace_ms", _pace_ms(read.carrier))),
            bytes_per_minute=bytes_per_minute,
            signs=read.options.get("signed") == "1",
            # What was said before there was a link is old news on it.
            scanned_arrival=last_arrival(),
        )
    except ValueError as error:
        raise BAD_ADDRESS(address=address) from error
    row.save()
    return {"link": name, "frame_bytes_max": row.frame_bytes_max, "pace_ms": row.pace_ms}


def terminal_for(options: dict[str, str]) -> Terminal:
    """The driver of a serial link. Raises ValueError for a dialect or payload nobody knows."""
    return Terminal(
        dialect=Dialect(options.get("dialect", Dialect.V2_1)),
        payload=Payload(options.get("payload", Payload.CODE)),
        length_max=int(options.get("length_max", thin_link_figure("rdss_message_bytes"))),
        frequency_s=int(options.get("frequency_s", thin_link_figure("rdss_interval_s"))),
        card_frequency_field=thin_link_figure("bdicp_frequency_field"),
    )


def _frame_bytes_max(carrier: Carrier, options: dict[str, str]) -> int:
    if carrier is Carrier.RADIO:
        return int(options.get("length_max", thin_link_figure("datagram_bytes")))
    return terminal_for(options).frame_bytes_max


def _pace_ms(carrier: Carrier) -> int:
    return 0 if carrier is Carrier.RADIO else thin_link_figure("rdss_interval_s") * 1000


@command
def add_peer(*, viewer: Viewer, link_name: str, public_key: bytes, address: str) -> dict[str, Any]:
    """A node at the other end: its card number, or host:port. Raises telegrams.unknown_peer."""
    _by_the_machine(viewer)
    info = identity.peer(public_key)
    row, _ = ThinPeer.objects.update_or_create(
        link=link(link_name), public_key=public_key, defaults={"address": address}
    )
    return {"peer": info.name, "scope": info.scope, "id": row.pk}


@command
def remove_link(*, viewer: Viewer, name: str) -> dict[str, Any]:
    """Drops a link with what waits on it. What it stands for is in the journal and stays there."""
    _by_the_machine(viewer)
    link(name).delete()
    return {"removed": name}


@command
def note_card(*, link_name: str, state: str, frequency_s: int = 0) -> dict[str, Any]:
    """What a terminal said of itself; its card's own pace replaces the default."""
    row = link(link_name)
    row.state = state[:24]
    if frequency_s:
        row.pace_ms = frequency_s * 1000
    row.save(update_fields=["state", "pace_ms"])
    return {"pace_ms": row.pace_ms}
