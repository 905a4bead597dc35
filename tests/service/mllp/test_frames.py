"""MLLP frames as senders send them: in pieces, together, with noise between them, without an end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leukon.service.mllp.frames import Frame, Frames, wrap

BODY = st.binary(max_size=60).filter(lambda b: b"\x1c" not in b and b"\x0b" not in b)


def feed(*chunks: bytes, most: int = 1000) -> list[Frame]:
    frames = Frames(most)
    return [frame for chunk in chunks for frame in frames.feed(chunk)]


@given(st.lists(BODY, max_size=6), st.lists(st.integers(1, 20), min_size=1), st.sampled_from([b"", b"\r\n", b"junk"]))
def test_however_the_bytes_are_cut_the_messages_are_the_same(
    bodies: list[bytes], cuts: list[int], between: bytes
) -> None:
    stream = between.join([b"", *map(wrap, bodies), b""])
    frames, found, at, n = Frames(1000), [], 0, 0
    while at < len(stream):
        size = cuts[n % len(cuts)]
        found += frames.feed(stream[at : at + size])
        at, n = at + size, n + 1
    assert [f.body for f in found] == bodies
    assert not any(f.fault for f in found)
    assert not frames.open


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_any_bytes_are_taken_without_an_error(chunks: list[bytes]) -> None:
    feed(*chunks, most=100)


def test_an_end_split_over_two_packets_is_an_end() -> None:
    assert feed(b"\x0bMSH|1\x1c", b"\r") == [Frame(b"MSH|1")]


def test_a_control_character_in_a_remark_does_not_end_a_message() -> None:
    """A remark pasted from a word processor holds a vertical tab; a lone FS ends nothing either."""
    assert feed(wrap(b"MSH|1\rNTE|1||a\x0bb\x1cc")) == [Frame(b"MSH|1\rNTE|1||a\x0bb\x1cc")]


def test_where_the_end_was_lost_the_next_message_is_whole_and_the_first_is_told() -> None:
    assert feed(b"\x0bMSH|1\rOBX|1" + wrap(b"MSH|2")) == [
        Frame(b"MSH|1\rOBX|1", "its end (FS CR) was lost"), Frame(b"MSH|2"),
    ]  # fmt: skip


def test_what_stands_outside_a_frame_is_noticed() -> None:
    frames = Frames(1000)
    frames.feed(b"\r\n")
    assert not frames.noise
    frames.feed(b"MSH|without a frame\x1c\r")
    assert frames.noise


def test_a_frame_without_end_is_bounded() -> None:
    frames = Frames(1000)
    (broken,) = frames.feed(b"\x0bMSH|" + b"x" * 2000)
    assert broken.fault == "larger than 0.001 MB"
    assert broken.body.startswith(b"MSH|")
    assert frames.feed(wrap(b"MSH|2")) == []  # nothing can be told apart any more


def test_many_small_pieces_of_a_large_message_cost_little() -> None:
    """The end is looked for once in each byte, not again from the beginning."""
    import time

    frames, began = Frames(5_000_000), time.process_time()
    frames.feed(b"\x0b")
    for _ in range(20_000):
        frames.feed(b"x" * 100)
    assert [len(f.body) for f in frames.feed(b"\x1c\r")] == [2_000_000]
    assert time.process_time() - began < 1.0
