"""Overlays: what users write, and what crosses the wire."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from ipymedia.errors import ProcessingError, Reason
from ipymedia.frames.overlays import Box, Label, Mask, Points, Polyline, to_shapes
from ipymedia.protocol.messages import BoxShape, LabelShape, MaskShape, PointsShape, PolylineShape, Shapes


def wire(*overlays) -> Shapes:
    """Through JSON, as the page gets them, and validated."""
    shapes, _ = to_shapes(overlays, (640, 480))
    return msgspec.json.decode(msgspec.json.encode(shapes), type=Shapes)


def test_each_shape_crosses():
    shapes = wire(
        Box(1, 2, 3, 4, "cat", color="red", line_width=1, fill=(0, 0, 255, 128)),
        Label(5, 6, "text", color="#abc", background="#11223344", size=20),
        Polyline([(0, 0), (1, 1)], closed=True, color=(255, 255, 0)),
        Points([[7, 8]], radius=2),
    )
    assert (shapes.width, shapes.height, shapes.mask_bytes) == (640, 480, 0)
    assert shapes.items == [
        BoxShape(x=1, y=2, width=3, height=4, label="cat", color="red", line_width=1, fill="#0000ff80"),
        LabelShape(x=5, y=6, text="text", color="#abc", background="#11223344", size=20),
        PolylineShape(points=[(0, 0), (1, 1)], closed=True, color="#ffff00"),
        PointsShape(points=[(7, 8)], radius=2),
    ]


def test_nothing_is_something():
    assert to_shapes((), (10, 20)) == (Shapes(width=10, height=20, items=[]), b"")


def test_numbers_of_numpy():
    row = np.array([10.5, 20, 30, 40], np.float32)
    box = wire(Box(*row, np.str_("x"), line_width=np.int64(3))).items[0]
    assert box == BoxShape(x=10.5, y=20, width=30, height=40, label="x", line_width=3)
    assert wire(Box(row[:1], np.uint8(2), np.array(3), np.float16(4))).items[0].x == 10.5
    contour = np.arange(8, dtype=np.int32).reshape(4, 1, 2)
    expected = [(0, 1), (2, 3), (4, 5), (6, 7)]
    assert wire(Polyline(contour)).items[0].points == expected
    assert wire(Points(contour[:, 0].astype(np.float16))).items[0].points == expected
    assert wire(Points(np.zeros((0, 2)))).items[0].points == []


def test_a_label_is_any_object():
    assert wire(Label(0, 0, 0.5)).items[0].text == "0.5"
    assert wire(Box(0, 0, 1, 1, 7)).items[0].label == "7"
    assert len(wire(Box(0, 0, 1, 1, "x" * 1000)).items[0].label) == 256


@pytest.mark.parametrize("shape", [(3, 10), (5, 8), (1, 1), (4, 17)])
def test_masks_cross_as_bits(shape):
    first = np.random.default_rng(0).random(shape) > 0.5
    second = np.eye(9, dtype=np.uint8)
    shapes, data = to_shapes(
        [Mask(first, color="lime", opacity=0.25), Box(0, 0, 1, 1), Mask(second)], (640, 480)
    )
    assert shapes.mask_bytes == len(data)
    one, two = shapes.items[0], shapes.items[2]
    assert one == MaskShape(width=shape[1], height=shape[0], offset=0, color="lime", opacity=0.25)
    for mask, expected in ((one, first), (two, second != 0)):
        row_bytes = (mask.width + 7) // 8
        rows = np.frombuffer(data, np.uint8, mask.height * row_bytes, mask.offset).reshape(
            mask.height, row_bytes
        )
        assert np.array_equal(np.unpackbits(rows, axis=1)[:, : mask.width].astype(bool), expected)


def test_a_mask_keeps_its_own_copy():
    array = np.ones((8, 8), bool)
    mask = Mask(array)
    array[:] = False
    assert mask.bits == b"\xff" * 8


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Box(np.nan, 0, 1, 1), "Box: x .*nan"),
        (lambda: Box(0, float("inf"), 1, 1), "Box: y .*inf"),
        (lambda: Box(0, 0, -1, 1), "Box: width .*-1"),
        (lambda: Box(0, 0, 1, "wide"), "Box: height must be a number, not 'wide'"),
        (lambda: Box(0, 0, 1, [1, 2]), "Box: height must be a number"),
        (lambda: Box(np.zeros(2), 0, 1, 1), "Box: x must be a number"),
        (lambda: Box(0, 0, 1, 1, line_width=None), "Box: line_width"),
        (lambda: Box(0, 0, 1, 1, line_width=-2), "Box: line_width"),
        (lambda: Label(0, 0, "a", size=np.nan), "Label: size"),
        (lambda: Points([(0, np.nan)]), r"Points: points .*NaN"),
        (lambda: Points([(0, np.inf)]), "Points: points .*infinity"),
        (lambda: Points([1, 2, 3]), r"Points: points must have the shape \(n, 2\).*\(3,\)"),
        (lambda: Points([(1, 2), (3,)]), "Points: points must be numbers"),
        (lambda: Points(np.zeros((10_001, 2))), "10000 points"),
        (lambda: Points([(0, 0)], radius=-1), "Points: radius"),
        (lambda: Polyline("abc"), "Polyline: points must be numbers"),
        (lambda: Polyline(np.zeros((2, 3))), r"Polyline: points must have the shape"),
        (lambda: Mask(np.zeros((2, 2))), "Mask: .*float64"),
        (lambda: Mask(np.zeros((2, 2, 3), bool)), r"Mask: .*\(2, 2, 3\)"),
        (lambda: Mask(np.zeros((0, 2), bool)), "Mask: its sides"),
        (lambda: Mask(np.zeros((2, 9000), bool)), "8192"),
        (lambda: Mask(np.zeros((2, 2), bool), opacity=2), "Mask: opacity"),
    ],
)
def test_bad_arguments_say_which(make, says):
    with pytest.raises(ProcessingError, match=says) as caught:
        make()
    assert caught.value.reason is Reason.BAD_ARGUMENT


@pytest.mark.parametrize(
    "color",
    ["#12", "#12345", "#ggg", "rgb(1,2,3)", "url(#a)", "red; background: url(x)", "blurple", (1, 2), (1, 2, 3, 4, 5),
     (256, 0, 0), (-1, 0, 0), (np.nan, 0, 0), ("a", "b", "c"), 7, b"red"],
)  # fmt: skip
def test_bad_colours(color):
    with pytest.raises(ProcessingError, match=r"Box: color=.*is no colour") as caught:
        Box(0, 0, 1, 1, color=color)
    assert caught.value.reason is Reason.BAD_ARGUMENT


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        (None, ""),
        ("", ""),
        (" Red ", "red"),
        ("#ABC", "#abc"),
        ("#12345678", "#12345678"),
        ((1, 2, 3), "#010203"),
        ([255, 0, 0, 0], "#ff000000"),
        (np.array([1.4, 2.6, 255]), "#0103ff"),
        (np.array([9, 8, 7], np.uint8), "#090807"),
    ],
)
def test_good_colours(color, expected):
    assert Box(0, 0, 1, 1, color=color).shape.color == expected


def test_too_many_overlays():
    with pytest.raises(ProcessingError, match="5001 overlays") as caught:
        to_shapes([Box(0, 0, 1, 1)] * 5001, (1, 1))
    assert caught.value.reason is Reason.BAD_RESULT
