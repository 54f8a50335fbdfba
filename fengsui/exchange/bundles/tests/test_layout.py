"""The file: whole or refused; byte for byte; never larger inside than it may be."""

from __future__ import annotations

import hashlib
import struct
from io import BytesIO

import cbor2
import pytest
import zstandard

from fengsui.exchange.bundles import columns, layout
from fengsui.exchange.bundles.columns import Run
from fengsui.exchange.bundles.layout import Bundle, BundleFaultError, Fault, PartKind, Range
from fengsui.exchange.replication.messages import Head
from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge
from fengsui.foundation.journal.keys import NodeKey

KEY = NodeKey.from_seed(bytes(range(32)))
FEED = FeedKey(1, KEY.public, 5, 0, "439901101")
KIND = FactKind(
    990, "test.kind", 1, FactClass.LIFE_SAFETY, Audience.TOWNSHIP, Merge.APPEND,
    fields=("house", "status", "at"), personal=("name",), item=("n",), item_is_personal=True,
)  # fmt: skip


def chain(count: int, *, items: int = 0, erased: bool = False) -> list[columns.RawFact]:
    """Signed facts of one feed, some with items, with a leaf erased or in unusual bytes."""
    feed = codec.feed_id(FEED, signing.sha256)
    previous = bytes(32)
    facts: list[columns.RawFact] = []
    for seq in range(count):
        leaves: list[bytes | list[bytes]] = list(
            codec.make_leaves(
                KIND,
                fields={"house": seq * 7, "status": "refuses", "at": [1, {"a": None}]},
                personal={"name": f"示意{seq}"},
                items=[{"n": index} for index in range(items)],
                about=[seq],
                salt=lambda size: bytes(range(size)),
            )
        )
        if erased and seq % 2:
            root = codec.body_root(leaves, signing.sha256)
            leaves[1] = [codec.leaf_hash(leaves[1], signing.sha256)]
            assert codec.body_root(leaves, signing.sha256) == root
        body = codec.encode_body(leaves)
        header = codec.encode_header(
            Header(
                1, 1, feed, seq, previous, (1_780_000_000_000 + seq * 997) << 16 | seq % 3, 990, 1,
                "439901101201", 1 << 62, hashlib.sha256(b"c").digest()[:16] if seq % 3 else None,
                codec.body_root(leaves, signing.sha256),
            )
        )  # fmt: skip
        facts.append((header, body, KEY.sign(codec.signed_bytes(header))))
        previous = hashlib.sha256(header).digest()
    return facts


def sealed(facts: list[columns.RawFact], pieces: list[list[Run]] | None = None) -> bytes:
    bundle = Bundle(
        1, KEY.public, "示例县", bytes(32), 1_780_000_000_000, 1, 1,
        (Head(FEED, 3, bytes(32)),), (Range(FEED, -1, len(facts) - 1),),
    )  # fmt: skip
    runs = [[Run(0, 0, bytes(32), tuple(facts))]] if pieces is None else pieces
    return seal(b"".join(layout.write_parts(bundle, runs)))


def seal(data: bytes) -> bytes:
    digest = hashlib.sha256(data).digest()
    return data + layout.write_seal(digest, KEY.sign(layout.sealed_bytes(digest)))


def read(data: bytes) -> list[columns.RawFact]:
    file = BytesIO(data)
    found = layout.open_sealed(file, 1 << 30)
    return [
        fact
        for index in range(len(found.pieces))
        for run in layout.read_runs(found, file, index)
        for fact in run.facts
    ]


@pytest.mark.parametrize("items", [0, 1, 5])
@pytest.mark.parametrize("erased", [False, True])
def test_facts_come_back_byte_for_byte(items: int, erased: bool) -> None:
    facts = chain(40, items=items, erased=erased)
    assert read(sealed(facts)) == facts


def test_facts_that_no_column_fits_are_kept_as_they_are() -> None:
    header, body, signature = chain(1)[0]
    odd: list[columns.RawFact] = [
        (b"no header", body, signature),
        (header, b"no body", None),
        (header, b"\x81\x58\x02\x81\x80", signature),  # a longer length than is needed
        (b"", b"", b"s"),
    ]
    assert read(sealed(odd)) == odd


def test_what_the_bundle_says_of_itself_comes_back() -> None:
    found = layout.open_sealed(BytesIO(sealed(chain(4))), 1 << 30).bundle
    assert (found.sender, found.sender_name, found.facts) == (KEY.public, "示例县", 4)
    assert found.heads == (Head(FEED, 3, bytes(32)),)
    assert found.ranges == (Range(FEED, -1, 3),)


def test_a_file_that_ends_anywhere_is_cut_short() -> None:
    whole = sealed(chain(3))
    for length in range(len(whole)):
        with pytest.raises(BundleFaultError) as fault:
            layout.open_sealed(BytesIO(whole[:length]), 1 << 30)
        assert fault.value.fault == Fault.CUT_SHORT, length


def test_one_changed_bit_is_found_wherever_it_is() -> None:
    whole = sealed(chain(3))
    for place in range(len(whole)):
        for bit in (1, 0x80):
            changed = bytearray(whole)
            changed[place] ^= bit
            with pytest.raises(BundleFaultError):
                layout.open_sealed(BytesIO(bytes(changed)), 1 << 30)


def test_something_behind_the_seal_is_refused() -> None:
    with pytest.raises(BundleFaultError, match="follows"):
        layout.open_sealed(BytesIO(sealed(chain(1)) + b"x"), 1 << 30)


def test_a_newer_version_says_so() -> None:
    whole = sealed(chain(1))
    newer = layout.MAGIC[:-1] + b"\x02" + whole[len(layout.MAGIC) :]
    with pytest.raises(BundleFaultError) as fault:
        layout.open_sealed(BytesIO(newer), 1 << 30)
    assert fault.value.fault == Fault.NEWER_VERSION


def bombs() -> list[tuple[str, bytes]]:
    zeros = zstandard.ZstdCompressor(level=19).compress(bytes(64 * 1024 * 1024))
    lying = bytearray(zeros)
    lying[5:9] = (4096).to_bytes(4, "little")  # the frame says 4 KiB and holds 64 MiB
    unsized = zstandard.ZstdCompressor(level=3, write_content_size=False).compress(bytes(1 << 26))
    return [("honest", zeros), ("lying", bytes(lying)), ("unsized", unsized)]


@pytest.mark.parametrize(("name", "frame"), bombs())
def test_a_decompression_bomb_is_refused(name: str, frame: bytes) -> None:
    header = layout._part(PartKind.HEADER, frame)
    with pytest.raises(BundleFaultError):
        layout.open_sealed(BytesIO(seal(layout.MAGIC + header)), 1 << 30)
    good = sealed(chain(1))
    end = len(layout.MAGIC) + 5 + int.from_bytes(good[len(layout.MAGIC) + 1 :][:4], "big")
    piece = layout._part(PartKind.PIECE, struct.pack(">I", len(frame)) + frame)
    with pytest.raises(BundleFaultError):
        read(seal(good[:end] + piece))


def test_few_bytes_that_stand_for_very_many_are_refused() -> None:
    """A choice of one long text, four thousand times: small in the file, gigabytes in memory."""
    facts = chain(2)
    plain, _ = columns.write_piece([Run(0, 0, bytes(32), tuple(facts))], [FEED])
    content = cbor2.loads(plain)
    count = 4_000
    content[0][0][2] = count
    content[2] = bytes([1]) * count
    long = cbor2.dumps("x" * 200_000)
    for index, way in ((3, b"\x01" + bytes(count)), (4, b"\x01" + bytes(count)),
                       (5, b"\x05\x01" + long + bytes(count)), (6, b"\x01" + bytes(count)),
                       (7, b"\x05\x01\xf6" + bytes(count))):  # fmt: skip
        content[index] = way
    content[9] = [[1, bytes([1]) * count]]
    content[10] = [[1, 0, bytes([3]) * count]]
    content[13] = [[1, 0, 0, b"\x05\x01" + long + bytes(count)]]
    content[14] = bytes(count)
    with pytest.raises(columns.MalformedColumnError, match="more than a piece may hold"):
        columns.read_piece(cbor2.dumps(content), b"", [FEED])


def test_bytes_that_are_no_piece_are_refused_in_words() -> None:
    plain, signatures = columns.write_piece([Run(0, 0, bytes(32), tuple(chain(3)))], [FEED])
    for place in range(0, len(plain), 3):
        for value in (0, 0x7F, 0xFF):
            changed = bytearray(plain)
            changed[place] = value
            try:
                columns.read_piece(bytes(changed), signatures, [FEED])
            except columns.MalformedColumnError:
                continue
