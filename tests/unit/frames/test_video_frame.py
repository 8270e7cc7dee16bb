"""`VideoFrame` and the formats that functions ask for."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from ipymedia.errors import ProcessingError, Reason
from ipymedia.frames.codec.convert import from_array
from ipymedia.frames.formats import FORMATS, check_format, picture_for
from ipymedia.frames.video_frame import VideoFrame

from .pictures import color_bars, mean_error


def yuv_frame(width: int = 640, height: int = 480) -> VideoFrame:
    """What a decoder gives."""
    frame = from_array(color_bars(width, height), "rgb24")
    return VideoFrame(
        frame.reformat(format="yuv420p", dst_colorspace=5, dst_color_range=1), time=12.5, index=7
    )


def test_what_a_frame_says():
    frame = yuv_frame()
    assert frame.size == (640, 480)
    assert (frame.time, frame.index) == (12.5, 7)
    assert frame.image.shape == (480, 640, 3)
    assert frame.image.dtype == np.uint8
    assert mean_error(frame.image, color_bars()) <= 1
    assert repr(frame) == "<VideoFrame 7: 640×480, yuv420p, time=12.500>"


def test_a_frame_is_immutable():
    frame = yuv_frame()
    for name in ("time", "index", "size", "image", "other"):
        with pytest.raises(AttributeError):
            setattr(frame, name, 1)
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0] = 0


def test_a_frame_keeps_its_own_copy_of_an_array():
    image = color_bars()
    frame = VideoFrame(image)
    image[:] = 0
    assert np.array_equal(frame.image, color_bars())


def test_the_image_is_converted_once_for_all_threads():
    frame = yuv_frame(1280, 720)
    with ThreadPoolExecutor(8) as pool:
        images = list(pool.map(lambda _: frame.image, range(32)))
    assert all(image is images[0] for image in images)


def test_threads_convert_at_the_same_time():
    frame = yuv_frame(1280, 720)
    expected = frame.to_array("bgr24")
    with ThreadPoolExecutor(4) as pool:
        assert all(
            np.array_equal(one, expected) for one in pool.map(lambda _: frame.to_array("bgr24"), range(40))
        )


def test_a_frame_is_pickled_as_an_array():
    frame = yuv_frame()
    copy = pickle.loads(pickle.dumps(frame))
    assert (copy.time, copy.index, copy.size) == (frame.time, frame.index, frame.size)
    assert np.array_equal(copy.image, frame.image)


@pytest.mark.parametrize(("mode", "bands"), [("RGB", 3), ("RGBA", 4), ("L", 1)])
def test_to_pil(mode, bands):
    image = yuv_frame().to_image(mode)
    assert isinstance(image, Image.Image)
    assert (image.mode, image.size, len(image.getbands())) == (mode, (640, 480), bands)


def test_to_pil_of_an_unknown_mode():
    with pytest.raises(ValueError, match="'RGB', 'RGBA' or 'L'"):
        yuv_frame().to_image("CMYK")


@pytest.mark.parametrize("size", [(640, 480), (641, 481), (1, 1), (7, 3)])
@pytest.mark.parametrize("asked", [name for name in FORMATS if name != "frame"])
@pytest.mark.parametrize("source", ["yuv420p", "rgb24", "gray"])
def test_arrays_are_the_functions_own(asked, size, source):
    width, height = size
    bars = color_bars(width, height)
    given = VideoFrame(bars[..., 0] if source == "gray" else bars)
    if source == "yuv420p":
        given = yuv_frame(width, height)
    first, second = picture_for(given, asked), picture_for(given, asked)
    assert first.shape == {"gray": (height, width), "rgba": (height, width, 4)}.get(asked, (height, width, 3))
    assert first.dtype == np.uint8
    assert first.flags.c_contiguous
    assert first.flags.writeable
    assert not np.shares_memory(first, second)
    untouched = second.copy()
    first[:] = 99
    assert np.array_equal(picture_for(given, asked), untouched)
    assert np.array_equal(second, untouched)


def test_the_order_of_channels():
    frame = yuv_frame()
    rgb, bgr, rgba = (picture_for(frame, name) for name in ("rgb24", "bgr24", "rgba"))
    assert mean_error(rgb, color_bars()) <= 1
    assert mean_error(bgr, color_bars()[..., ::-1]) <= 1
    assert mean_error(rgba[..., :3], color_bars()) <= 1
    assert np.all(rgba[..., 3] == 255)
    luma = color_bars() @ [0.299, 0.587, 0.114]
    assert mean_error(picture_for(frame, "gray"), luma.round().astype(np.uint8)) <= 1.5
    assert mean_error(picture_for(VideoFrame(color_bars()), "gray"), luma.round().astype(np.uint8)) <= 1.5


def test_a_function_may_have_the_frame():
    frame = yuv_frame()
    assert picture_for(frame, "frame") is frame


@pytest.mark.parametrize("asked", ["rgb", "RGB24", "", None, 3])
def test_an_unknown_format_lists_the_known(asked):
    with pytest.raises(ProcessingError, match="'rgb24', 'bgr24', 'gray', 'rgba', 'frame'") as caught:
        check_format(asked)
    assert caught.value.reason is Reason.BAD_ARGUMENT
    with pytest.raises(ProcessingError):
        picture_for(yuv_frame(), asked)
