"""Bytes of every telegram beside what else could carry it, and how fast the codec is.

`python -m bench.telegrams` prints one JSON line. The floor is hand bit-packing: the bits that the
values of an example need, without extension bits and length fields, rounded up to bytes.
"""

from __future__ import annotations

import json
import math
import time
from dataclasses import asdict, fields, is_dataclass
from typing import Any

import cbor2

from fengsui.gateways.telegrams import coding, sealing, wording
from fengsui.gateways.telegrams.examples import COUNTY, EXAMPLES, NOW_MS
from fengsui.gateways.telegrams.messages import Message, Numbers, Reference, Telegram

REPEATS = 300
KEY = bytes(32)
HEADER = sealing.Header(fact_class=0, sender=4711, epoch=51_000, number=123_456)
# Bits a value needs where packed by hand, by field; counts as 6, 12 or 20 with a 2-bit mark.
BITS = {
    "alert": 16,
    "of": 16,
    "ordinal": 16,
    "person": 16,
    "evacuation": 16,
    "shelter": 16,
    "series": 4,
    "hazard": 14,
    "disaster": 14,
    "level": 3,
    "action": 2,
    "answer": 2,
    "exercise": 1,
    "issued_ms": 16,
    "leave_by_ms": 16,
    "at_ms": 22,
    "place_code": 20,
    "lon_e5": 26,
    "lat_e5": 25,
}
AREA_BITS, NEED_BITS, NEEDS_MASK_BITS, MESSAGE_BITS, LENGTH_BITS = 27, 19, 16, 3, 3


def floor_bits(message: Message) -> int:
    """The bits of one example packed by hand."""
    bits = MESSAGE_BITS
    for one in fields(message):
        value = getattr(message, one.name)
        if value is None or one.name == "text":
            continue
        if isinstance(value, Reference):
            bits += 2 + 16
        elif isinstance(value, Numbers):
            bits += sum(_count_bits(number) for number in asdict(value).values())
        elif one.name == "areas":
            bits += LENGTH_BITS + AREA_BITS * len(value)
        elif one.name == "needs":
            bits += _needs_bits(value)
        elif isinstance(value, bool):
            bits += 1
        else:
            bits += BITS.get(one.name) or _count_bits(int(value))
    return bits


def _needs_bits(needs: tuple[Any, ...]) -> int:
    if needs and isinstance(needs[0], str):
        return NEEDS_MASK_BITS
    return LENGTH_BITS + NEED_BITS * len(needs)


def _count_bits(value: int) -> int:
    return 2 + (6 if value < 64 else 12 if value < 4096 else 20)


def plain_cbor(message: Message) -> bytes:
    """What a simple program would send: an array of the values."""

    def value_of(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return [value_of(getattr(value, one.name)) for one in fields(value)]
        return [value_of(one) for one in value] if isinstance(value, tuple) else value

    return cbor2.dumps(value_of(message))


def sizes(message: Message) -> dict[str, int]:
    data = coding.encode(Telegram(message), county=COUNTY)
    frame = sealing.seal(data, HEADER, key=KEY, county=COUNTY)
    return {
        "telegram": len(frame),
        "per": len(data),
        "floor": math.ceil(floor_bits(message) / 8),
        "signed": len(frame) + sealing.SIGNATURE_BYTES,
        "cbor": len(plain_cbor(message)),
        "text": len(wording.typed(message).encode()),
    }


def per_second(step: Any) -> int:
    start = time.perf_counter()
    for _ in range(REPEATS):
        step()
    return round(REPEATS / (time.perf_counter() - start))


def main() -> None:
    coding.compiled()
    message = EXAMPLES["headcount"]
    data = coding.encode(Telegram(message), county=COUNTY)
    frame = sealing.seal(data, HEADER, key=KEY, county=COUNTY)

    def write() -> None:
        encoded = coding.encode(Telegram(message), county=COUNTY)
        sealing.seal(encoded, HEADER, key=KEY, county=COUNTY)

    def read() -> None:
        opened = sealing.open_frame(frame, HEADER, key=KEY, county=COUNTY)
        coding.decode(opened, county=COUNTY, now_ms=NOW_MS)

    result = {
        "bench": "telegrams",
        "bytes": {name: sizes(one) for name, one in EXAMPLES.items()},
        "encode_and_seal_per_s": per_second(write),
        "open_and_decode_per_s": per_second(read),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
