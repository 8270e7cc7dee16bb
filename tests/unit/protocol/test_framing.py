"""Pieces, bounds and generated types; what both languages must agree on is in `tests/contract`."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct

from ipymedia.errors import ProtocolError, Reason
from ipymedia.protocol import framing, generate
from ipymedia.protocol.framing import Assembler, join, parse_header, pieces, split
from ipymedia.protocol.messages import MAX_HEADER_BYTES, MAX_MESSAGE_BYTES, FrameCredit, LinkPiece

CREDIT = FrameCredit(stream="s", epoch=1, sequence=2)


def test_a_buffer_is_a_view_and_no_copy() -> None:
    frame = bytearray(join(CREDIT, b"abc"))
    message, buffer = split(frame)
    assert message == CREDIT
    frame[-1:] = b"d"
    assert bytes(buffer) == b"abd"


@pytest.mark.parametrize(
    "size", [0, 1, MAX_MESSAGE_BYTES - 1024, MAX_MESSAGE_BYTES, 5 * MAX_MESSAGE_BYTES + 3]
)
def test_pieces_fit_and_make_the_message_again(size: int) -> None:
    whole = join(CREDIT, bytes(size))
    assembler, made = Assembler(), []
    for piece, part in pieces(7, whole):
        assert len(join(piece, part)) <= MAX_MESSAGE_BYTES
        made.append(assembler.add(piece, part))
    assert made[:-1] == [None] * (len(made) - 1)
    assert made[-1] == split(whole)


@pytest.mark.parametrize(
    "given",
    [
        [LinkPiece(message=1, index=1, count=2)],
        [LinkPiece(message=1, index=0, count=3), LinkPiece(message=1, index=2, count=3)],
        [LinkPiece(message=1, index=0, count=2), LinkPiece(message=2, index=1, count=2)],
        [LinkPiece(message=1, index=0, count=0)],
    ],
)
def test_pieces_out_of_order_are_refused_and_the_next_message_is_taken(given: list[LinkPiece]) -> None:
    assembler = Assembler()
    for piece in given[:-1]:
        assert assembler.add(piece, b"abc") is None
    with pytest.raises(ProtocolError) as refused:
        assembler.add(given[-1], b"abc")
    assert refused.value.reason is Reason.OUT_OF_ORDER
    assert assembler.add(LinkPiece(message=9, index=0, count=1), join(CREDIT)) == split(join(CREDIT))


def test_what_a_peer_may_make_us_hold_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_ASSEMBLED_BYTES", 1000)
    assembler = Assembler()
    assert assembler.add(LinkPiece(message=1, index=0, count=3), bytes(1000)) is None
    with pytest.raises(ProtocolError) as refused:
        assembler.add(LinkPiece(message=1, index=1, count=3), b"x")
    assert refused.value.reason is Reason.TOO_LARGE
    assert assembler._parts == []


def test_a_large_header_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError) as refused:
        parse_header(b"[" * (MAX_HEADER_BYTES + 1))
    assert refused.value.reason is Reason.TOO_LARGE


def test_a_type_without_typescript_is_told_and_not_guessed() -> None:
    class Odd(Struct):
        when: dict[str, int]

    with pytest.raises(TypeError, match=r"no TypeScript for .*generate\.py"):
        generate._interface(Odd)


def test_a_stale_file_fails_the_check_and_names_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "messages.gen.ts"
    monkeypatch.setattr(generate, "TARGET", target)
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    assert generate.main() == 1
    assert generate.COMMAND in capsys.readouterr().err
    monkeypatch.setattr("sys.argv", ["generate"])
    assert generate.main() == 0
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    assert generate.main() == 0
