"""Real encoders and decoders: what goes in comes out, at once, in the right colours."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest

from ipymedia.errors import CodecError, Reason
from ipymedia.frames.codec import color
from ipymedia.frames.codec.available import decodable, encodable
from ipymedia.frames.codec.convert import from_array, to_array
from ipymedia.frames.codec.decoder import Decoder
from ipymedia.frames.codec.encoder import Encoder
from ipymedia.frames.codec.still import decode_still, encode_still
from ipymedia.frames.codec.strings import codec_string
from ipymedia.protocol.messages import CODECS, Color
from tests.media.film import film_path

from .pictures import color_bars, mean_error, psnr_db


def drifting(index: int, width: int = 640, height: int = 480) -> np.ndarray:
    """A smooth picture that moves."""
    y, x = np.mgrid[:height, :width]
    red = 128 + 100 * np.sin((x + 3 * index) / 40)
    green = 128 + 100 * np.cos((y - 2 * index) / 50)
    blue = 128 + 100 * np.sin((x + y + index) / 60)
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [(640, 480), (1280, 720)])
def test_color_bars_there_and_back(codec, size):
    bars = color_bars(*size)
    encoder, decoder = Encoder(codec, *size, 30, 4_000_000), Decoder(codec)
    for _ in range(5):
        decoded = decoder.decode(encoder.encode(from_array(bars, "rgb24")).data, encoder.color)
        assert decoded is not None, "each frame must come out at once"
        assert mean_error(to_array(decoded, "rgb24"), bars) <= 4


@pytest.mark.parametrize("codec", CODECS)
def test_moving_picture_is_kept(codec):
    encoder, decoder = Encoder(codec, 640, 480, 30, 3_000_000), Decoder(codec)
    ratios = []
    for index in range(12):
        picture = drifting(index)
        decoded = decoder.decode(encoder.encode(from_array(picture, "rgb24")).data, encoder.color)
        assert decoded is not None
        ratios.append(psnr_db(to_array(decoded, "rgb24"), picture))
    assert np.mean(ratios[2:]) >= 32


def test_the_film_is_kept(tmp_path):
    with av.open(str(film_path(tmp_path))) as container:
        frames = [frame for frame, _ in zip(container.decode(video=0), range(40), strict=False)]
    width, height = frames[0].width, frames[0].height
    encoder, decoder = Encoder("h264", width, height, 30, 3_000_000), Decoder("h264")
    ratios = []
    for frame in frames:
        decoded = decoder.decode(encoder.encode(frame).data, encoder.color)
        ratios.append(psnr_db(to_array(decoded, "rgb24"), to_array(frame, "rgb24")))
    assert np.mean(ratios) >= 32


@pytest.mark.parametrize("codec", ["h264", "vp9", "vp8", "av1"])
def test_key_frames_come_on_request_only(codec):
    encoder = Encoder(codec, 640, 480, 30, 2_000_000)
    keys = [encoder.encode(from_array(drifting(index), "rgb24"), key=index == 7).key for index in range(12)]
    assert [index for index, key in enumerate(keys) if key] == [0, 7]


@pytest.mark.parametrize("codec", ["h264", "vp9", "vp8", "av1"])
def test_decoding_starts_anew_at_a_key_frame(codec):
    encoder, decoder = Encoder(codec, 640, 480, 30, 2_000_000), Decoder(codec)
    for index in range(8):
        picture = drifting(index)
        encoded = encoder.encode(from_array(picture, "rgb24"), key=index == 5)
        if index >= 5:
            decoded = decoder.decode(encoded.data, encoder.color)
            assert decoded is not None
            assert psnr_db(to_array(decoded, "rgb24"), picture) >= 28


def test_h264_key_frames_carry_their_parameters():
    encoder = Encoder("h264", 640, 480, 30, 2_000_000)
    for index in range(4):
        data = encoder.encode(from_array(drifting(index), "rgb24"), key=index == 2).data
        units = {part[0] & 31 for part in data.split(b"\0\0\1")[1:]}
        assert ({7, 8, 5} <= units) == (index in (0, 2))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("size", [(641, 481), (3, 5), (1, 1), (40, 1), (17, 640)])
def test_any_size_is_taken(codec, size):
    width, height = size
    picture = drifting(0, width, height)
    encoder, decoder = Encoder(codec, width, height, 30, 2_000_000), Decoder(codec)
    encoded_width, encoded_height = encoder.coded_size
    assert encoded_width % 2 == encoded_height % 2 == 0
    for _ in range(3):
        decoded = decoder.decode(encoder.encode(from_array(picture, "rgb24")).data, encoder.color)
        assert (decoded.width, decoded.height) == encoder.coded_size
    shown = to_array(decoded, "rgb24")
    rows = (np.arange(height) + 0.5) * encoded_height // height
    columns = (np.arange(width) + 0.5) * encoded_width // width
    assert mean_error(shown[rows.astype(int)][:, columns.astype(int)], picture) <= 6


def test_frames_of_another_size_are_scaled():
    encoder, decoder = Encoder("h264", 320, 240, 30, 2_000_000), Decoder("h264")
    decoded = decoder.decode(encoder.encode(from_array(color_bars(640, 480), "rgb24")).data)
    assert (decoded.width, decoded.height) == (320, 240)
    assert mean_error(to_array(decoded, "rgb24"), color_bars(320, 240)) <= 4


@pytest.mark.parametrize("pixel_format", ["rgb24", "bgr24", "rgba", "bgra"])
def test_pixel_formats_give_the_same_colors(pixel_format):
    bars = color_bars()
    alpha = np.full((480, 640, 1), 255, np.uint8)
    ordered = bars if pixel_format.startswith("rgb") else bars[..., ::-1]
    pixels = np.concatenate([ordered, alpha], axis=2) if pixel_format.endswith("a") else ordered
    encoder, decoder = Encoder("h264", 640, 480, 30, 4_000_000), Decoder("h264")
    decoded = decoder.decode(encoder.encode(from_array(pixels, pixel_format)).data)
    assert mean_error(to_array(decoded, "rgb24"), bars) <= 1


def test_gray_stays_gray():
    ramp = np.tile(np.repeat(np.arange(0, 256, 4, dtype=np.uint8), 10), (480, 1))
    encoder, decoder = Encoder("h264", 640, 480, 30, 4_000_000), Decoder("h264")
    decoded = decoder.decode(encoder.encode(from_array(ramp, "gray")).data)
    shown = to_array(decoded, "rgb24")
    assert mean_error(shown[..., 0], ramp) <= 2
    assert mean_error(shown[..., 2], ramp) <= 2
    assert mean_error(to_array(decoded, "gray"), ramp) <= 2


@pytest.mark.parametrize(
    ("matrix", "full_range", "rgb"),
    [
        # (Y, Cb, Cr) = (100, 90, 200) by ITU-R BT.601 and BT.709
        ("smpte170m", False, (213, 51, 21)),
        ("smpte170m", True, (201, 62, 33)),
        ("bt709", False, (227, 67, 17)),
        ("bt470bg", False, (213, 51, 21)),
        ("", True, (213, 51, 21)),  # nothing is known: BT.601 limited
    ],
)
def test_the_page_says_what_the_numbers_mean(matrix, full_range, rgb):
    frame = av.VideoFrame(64, 64, "yuv420p")
    for plane, value in zip(frame.planes, (100, 90, 200), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    color.stamp(frame, Color(matrix=matrix, full_range=full_range))
    assert np.abs(to_array(frame, "rgb24")[5, 5].astype(int) - rgb).max() <= 3


def test_encoding_leaves_the_frame_as_it_was():
    frame = from_array(color_bars(), "rgb24").reformat(format="yuv420p", dst_colorspace=5, dst_color_range=1)
    frame.pts, frame.pict_type = 77, av.video.frame.PictureType.P
    before = frame.to_ndarray().copy()
    Encoder("h264", 640, 480, 30, 2_000_000).encode(frame, key=True)
    assert (frame.pts, frame.pict_type) == (77, av.video.frame.PictureType.P)
    assert np.array_equal(frame.to_ndarray(), before)


def test_h264_follows_a_new_bitrate_without_a_key_frame():
    encoder = Encoder("h264", 640, 480, 30, 2_000_000)
    noise = np.random.default_rng(1)
    frames = [
        from_array((drifting(i) + noise.integers(0, 25, (480, 640, 1))).astype(np.uint8), "rgb24")
        for i in range(30)
    ]

    def bytes_of_30() -> int:
        encoded = [encoder.encode(frame) for frame in frames]
        assert not any(one.key for one in encoded[1:])
        return sum(len(one.data) for one in encoded)

    bytes_of_30()
    at_full = bytes_of_30()
    encoder.set_bitrate(500_000)
    bytes_of_30()
    assert bytes_of_30() < 0.5 * at_full
    encoder.set_bitrate(2_000_000)
    bytes_of_30()
    assert bytes_of_30() > 0.8 * at_full


def test_a_bitrate_above_the_first_opens_the_encoder_anew():
    encoder = Encoder("h264", 640, 480, 30, 500_000)
    assert [encoder.encode(from_array(drifting(i), "rgb24")).key for i in range(2)] == [True, False]
    encoder.set_bitrate(1_500_000)
    assert encoder.encode(from_array(drifting(2), "rgb24")).key
    assert encoder.bitrate_bps == 1_500_000


@pytest.mark.parametrize("codec", ["vp9", "vp8", "av1"])
def test_small_changes_of_the_bitrate_cost_no_key_frame(codec):
    encoder = Encoder(codec, 320, 240, 30, 500_000)
    encoder.encode(from_array(drifting(0, 320, 240), "rgb24"))
    encoder.set_bitrate(550_000)
    assert not encoder.encode(from_array(drifting(1, 320, 240), "rgb24")).key
    encoder.set_bitrate(250_000)
    assert encoder.encode(from_array(drifting(2, 320, 240), "rgb24")).key


def test_jpeg_follows_the_bitrate():
    sizes = {}
    for bitrate_bps in (3_000_000, 12_000_000):
        encoder = Encoder("jpeg", 640, 480, 30, bitrate_bps)
        noisy = np.random.default_rng(2).integers(0, 80, (480, 640, 3)).astype(np.uint8) + color_bars() // 2
        sizes[bitrate_bps] = [len(encoder.encode(from_array(noisy, "rgb24")).data) for _ in range(15)][-1]
    assert sizes[3_000_000] < 0.6 * sizes[12_000_000]


def test_a_single_frame_never_fills_the_connection():
    encoder = Encoder("h264", 640, 480, 30, 1_000_000)
    noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3)).astype(np.uint8)
    assert len(encoder.encode(from_array(noise, "rgb24")).data) * 8 <= 1.2 * 1_000_000


DAMAGED = [b"", b"\0\0\0\1\x65 no picture at all", b"\xff\xd8\xff\xe0 cut off", bytes(200)]


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("data", DAMAGED)
def test_damaged_bytes_are_an_error_or_nothing(codec, data):
    decoder = Decoder(codec)
    raised = None
    try:
        assert decoder.decode(data) is None
    except CodecError as error:
        raised = error
    assert raised is None or raised.reason is Reason.DECODE_FAILED
    encoder = Encoder(codec, 64, 64, 30, 200_000)
    good = decoder.decode(encoder.encode(from_array(color_bars(64, 64), "rgb24")).data)
    assert good is not None, "the next key frame must work again"


def test_what_cannot_be_encoded_says_so():
    with pytest.raises(CodecError, match="no encoder for 'h999'") as caught:
        Encoder("h999", 64, 64, 30, 1)
    assert caught.value.reason is Reason.NO_CODEC
    with pytest.raises(CodecError, match="no decoder for 'h999'"):
        Decoder("h999")
    with pytest.raises(CodecError, match="20000×10 px"):
        Encoder("h264", 20000, 10, 30, 1)


def test_after_close():
    encoder, decoder = Encoder("h264", 64, 64, 30, 1), Decoder("h264")
    encoded = encoder.encode(from_array(color_bars(64, 64), "rgb24"))
    for closing in (encoder, decoder):
        closing.close()
        closing.close()
    with pytest.raises(CodecError) as caught:
        encoder.encode(from_array(color_bars(64, 64), "rgb24"))
    assert caught.value.reason is Reason.CLOSED
    with pytest.raises(CodecError):
        decoder.decode(encoded.data)


def test_all_codecs_work_here():
    assert decodable() == list(CODECS)
    assert encodable() == list(CODECS)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("h264", 640, 480, 30), "avc1.42E01F"),
        (("h264", 1280, 720, 30), "avc1.42E01F"),
        (("h264", 1280, 720, 60), "avc1.42E020"),
        (("h264", 1920, 1080, 30), "avc1.42E028"),
        (("h264", 3840, 2160, 30), "avc1.42E033"),
        (("h264", 8192, 8192, 30), "avc1.42E03E"),
        (("vp8", 640, 480, 30), "vp8"),
        (("vp9", 640, 480, 30), "vp09.00.30.08"),
        (("vp9", 1920, 1080, 30), "vp09.00.40.08"),
        (("av1", 1280, 720, 30), "av01.0.05M.08"),
        (("jpeg", 640, 480, 30), ""),
    ],
)
def test_codec_strings(arguments, expected):
    assert codec_string(*arguments) == expected


def test_h264_level_covers_what_the_encoder_writes():
    """A browser may refuse a stream whose own level is above the one it was configured with."""
    for size, fps in (((640, 480), 60), ((1280, 720), 30), ((1920, 1080), 30)):
        encoder = Encoder("h264", *size, fps, 8_000_000)
        data = encoder.encode(from_array(np.zeros((size[1], size[0]), np.uint8), "gray")).data
        parameters = next(part for part in data.split(b"\0\0\1") if part and part[0] & 31 == 7)
        profile, _, level = struct.unpack("BBB", parameters[1:4])
        assert profile == 0x42
        assert level <= int(encoder.codec_string[-2:], 16)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_is_exact(channels):
    bars = color_bars(333, 55)
    image = {1: bars[..., 0], 3: bars, 4: np.concatenate([bars, bars[..., :1]], axis=2)}[channels]
    expected = np.repeat(image[..., None], 3, axis=2) if channels == 1 else image
    decoded = decode_still(encode_still(image))
    assert np.array_equal(decoded, expected)
    assert decoded.flags.writeable
    assert decoded.flags.c_contiguous


def test_jpeg_still():
    assert mean_error(decode_still(encode_still(color_bars(), "jpeg")), color_bars()) <= 2


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n and nothing", b"\xff\xd8\xff\xe0\0"])
def test_no_still(data):
    with pytest.raises(CodecError) as caught:
        decode_still(data)
    assert caught.value.reason is Reason.DECODE_FAILED


def test_a_still_of_another_format():
    with pytest.raises(CodecError, match="'png' or 'jpeg'"):
        encode_still(color_bars(), "bmp")
