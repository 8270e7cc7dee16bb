"""All that a function may return, and all that it may not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ipymedia.errors import ProcessingError, Reason
from ipymedia.frames.overlays import Box, Label, Mask, Points, Polyline
from ipymedia.frames.results import to_result
from ipymedia.frames.video_frame import VideoFrame

from .pictures import color_bars

GIVEN = VideoFrame(np.zeros((480, 640, 3), np.uint8), time=5.5, index=42)
BARS = color_bars(120, 60)


def shown(value, given_as: str = "rgb24") -> np.ndarray:
    result = to_result(value, given_as, GIVEN)
    assert result.picture is not None
    assert (result.picture.time, result.picture.index) == (5.5, 42)
    return result.picture.image


@pytest.mark.parametrize(
    "picture", [BARS, color_bars(121, 61), BARS[::2, 1::3], BARS[..., ::-1][..., ::-1], BARS[:1, :1]]
)
def test_colour(picture):
    assert np.array_equal(shown(picture), picture)


@pytest.mark.parametrize("given_as", ["rgb24", "gray", "rgba", "frame"])
def test_three_channels_are_rgb(given_as):
    assert np.array_equal(shown(BARS, given_as), BARS)


def test_three_channels_are_bgr_for_a_function_that_got_bgr():
    assert np.array_equal(shown(BARS[..., ::-1], "bgr24"), BARS)
    assert np.array_equal(shown(np.ascontiguousarray(BARS[..., ::-1]), "bgr24"), BARS)


def test_four_channels():
    alpha = np.full((*BARS.shape[:2], 1), 128, np.uint8)
    assert np.array_equal(shown(np.concatenate([BARS, alpha], axis=2)), BARS)
    assert np.array_equal(shown(np.concatenate([BARS[..., ::-1], alpha], axis=2), "bgr24"), BARS)


def test_gray():
    gray = np.tile(np.arange(200, dtype=np.uint8), (50, 1))
    expected = np.repeat(gray[..., None], 3, axis=2)
    for picture in (gray, gray[..., None]):
        assert np.array_equal(shown(picture), expected)
    assert np.array_equal(shown(gray[::-1, ::-1]), expected[::-1, ::-1])
    assert to_result(gray, "bgr24", GIVEN).picture.av_frame().format.name == "gray", "not through RGB"


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float(dtype):
    assert np.abs(shown((BARS / 255).astype(dtype)).astype(int) - BARS).max() <= 1
    ramp = np.linspace(0, 1, 256, dtype=dtype)[None].repeat(4, axis=0)
    assert np.abs(shown(ramp)[..., 0].astype(int) - np.arange(256)).max() <= 1


def test_float_slightly_outside_is_clipped():
    picture = np.array([[-0.03, 0.0, 1.0, 1.04]])
    assert shown(picture)[0, :, 0].tolist() == [0, 0, 255, 255]


def test_mask_is_black_and_white():
    mask = np.eye(40, dtype=bool)
    assert np.array_equal(shown(mask), np.repeat((mask * 255).astype(np.uint8)[..., None], 3, axis=2))
    assert np.array_equal(shown(mask[..., None]), shown(mask))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK"])
def test_pil(mode):
    image = Image.fromarray(BARS).convert(mode)
    expected = np.asarray(image.convert("RGB"))
    assert np.array_equal(shown(image), expected)
    assert np.array_equal(shown(image, "bgr24"), expected), "a PIL.Image knows its own order"


def test_none_shows_the_input():
    assert to_result(None, "rgb24", GIVEN).picture is None
    assert to_result(None, "rgb24", GIVEN).overlays == ()
    with_box = to_result((None, Box(1, 2, 3, 4)), "rgb24", GIVEN)
    assert with_box.picture is None
    assert len(with_box.overlays) == 1


def test_a_frame_is_shown_as_it_is():
    assert to_result(GIVEN, "frame", GIVEN).picture is GIVEN
    other = VideoFrame(BARS, time=1.0, index=1)
    assert to_result((other, [Points([(1, 1)])]), "frame", GIVEN).picture is other


def test_the_picture_is_copied():
    picture = BARS.copy()
    result = to_result(picture, "rgb24", GIVEN)
    picture[:] = 0
    assert np.array_equal(result.picture.image, BARS)


@pytest.mark.parametrize(
    ("make", "count"),
    [
        (lambda: Box(0, 0, 1, 1), 1),
        (lambda: [Box(0, 0, 1, 1), Label(0, 0, "a")], 2),
        (lambda: (Box(0, 0, 1, 1), [Label(0, 0, "a"), (Points([]), [Polyline([])])]), 4),
        (lambda: [Mask(np.zeros((2, 2), bool))], 1),
        (list, 0),
        (tuple, 0),
        (lambda: [[], ()], 0),
    ],
)
def test_overlays_alone(make, count):
    result = to_result(make(), "rgb24", GIVEN)
    assert result.picture is None
    assert len(result.overlays) == count


@pytest.mark.parametrize(
    "value",
    [
        (BARS, Box(0, 0, 1, 1)),
        (BARS, [Box(0, 0, 1, 1)]),
        [BARS, [[Box(0, 0, 1, 1)]]],
        (Box(0, 0, 1, 1), BARS),
    ],
)
def test_a_picture_and_overlays(value):
    result = to_result(value, "rgb24", GIVEN)
    assert np.array_equal(result.picture.image, BARS)
    assert len(result.overlays) == 1


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (3, "an int, 3"),
        ("a text", "a str, 'a text'"),
        ({"a": 1}, "a dict"),
        (np.float64(0.5), "a float64"),
        (np.zeros((0, 0, 3), np.uint8), r"shape \(0, 0, 3\)"),
        (np.zeros((5, 0), np.uint8), r"shape \(5, 0\)"),
        (np.zeros((10, 20000), np.uint8), "8192 px"),
        (np.zeros((20000, 10, 3), np.uint8), "8192 px"),
        (np.zeros((10, 10, 2), np.uint8), r"shape \(10, 10, 2\)"),
        (np.zeros((3, 10, 10), np.uint8), r"numpy.moveaxis\(picture, 0, -1\)"),
        (np.zeros((1, 10, 10, 3), np.uint8), r"picture\[0\]"),
        (np.zeros(10, np.uint8), r"shape \(10,\)"),
        (np.zeros((10, 10), np.uint16), r"uint16.*astype\('uint8'\)"),
        (np.zeros((10, 10), np.int64), r"int64.*astype\('uint8'\)"),
        (np.zeros((10, 10), complex), r"complex128.*numpy.abs"),
        (np.array([["a"]]), "dtype <U1"),
        (np.array([[None]]), "dtype object"),
        (np.full((10, 10, 3), 128.0), r"picture / 255"),
        (np.full((10, 10), -1.0), r"numpy.clip\(picture, 0, 1\)"),
        (np.full((10, 10), np.nan), "NaN.*nan_to_num"),
        (np.full((10, 10), np.inf), "from inf to inf"),
        ((BARS, BARS), "One picture"),
        ([BARS, "a text"], "There is a str in it"),
        ((BARS, 0.5), "There is a float in it"),
        (lambda: None, "a function"),
    ],
)
def test_anything_else_is_explained(value, says):
    with pytest.raises(ProcessingError, match=says) as caught:
        to_result(value, "rgb24", GIVEN)
    assert caught.value.reason is Reason.BAD_RESULT
    assert caught.value.message.startswith("The function returned ")
    assert "A function may return" in caught.value.message
