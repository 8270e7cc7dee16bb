"""Sound that crosses: to Python in blocks, through a function and back to be heard and recorded."""

from __future__ import annotations

import pytest

from tests.media import read_offsets

MICROPHONE = """
import numpy as np
from ipymedia import AudioRecorder, MicrophoneStream
raw = {"echoCancellation": False, "noiseSuppression": False, "autoGainControl": False}
microphone = MicrophoneStream(constraints=raw)
microphone
"""
# Instead of a microphone: a tone of 1 kHz, with a click each second; and what the page hears of a stream.
TONE = """(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  media.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(context, { frequency: 1000 });
    const gain = new GainNode(context, { gain: 0.3 });
    const out = context.createMediaStreamDestination();
    tone.connect(gain).connect(out);
    tone.start();
    return out.stream;
  };
})()"""


@pytest.mark.parametrize("rate", [48_000, 44_100])
def test_sound_reaches_python_in_blocks(open_notebook, context, rate) -> None:
    context.add_init_script(TONE.replace("48000", str(rate)))
    notebook = open_notebook([MICROPHONE], context=context)
    notebook.run_cell(0)
    notebook.wait_for("microphone.state == 'live'")
    notebook.run(
        "blocks = []\n"
        "for block in microphone.audio_blocks(seconds=0.25):\n"
        "    blocks.append(block)\n"
        "    if len(blocks) == 12:\n"
        "        break"
    )
    shapes = notebook.evaluate("[list(b.samples.shape) + [b.rate, str(b.samples.dtype)] for b in blocks]")
    assert shapes == [[shapes[0][0], 12_000, 48_000, "float32"]] * 12
    # Without a gap: the tone goes on from block to block with the same phase.
    notebook.run(
        "whole = np.concatenate([b.samples[0] for b in blocks[2:]])\n"
        "times = np.arange(len(whole)) / 48000\n"
        "turned = whole * np.exp(-2j * np.pi * 1000 * times)\n"
        "parts = turned.reshape(-1, 480).mean(1)\n"
        "phase = np.unwrap(np.angle(parts))"
    )
    assert notebook.evaluate("float(np.abs(2 * np.abs(parts) - 0.3).max())") < 0.03
    assert notebook.evaluate("float(np.ptp(phase))") < 0.3
    assert notebook.evaluate("max(abs(b.time - a.time - 0.25) for a, b in zip(blocks, blocks[1:]))") < 0.02
    assert notebook.evaluate("abs(blocks[-1].time - __import__('time').time())") < 10
    assert "async 3" in notebook.run(
        "n = 0\nasync for block in microphone.audio_blocks(seconds=0.1):\n    n += 1\n    if n == 3:\n        break\n"
        "print('async', n)"
    )
    # The light goes out.
    notebook.run("microphone.close()")
    assert notebook.evaluate("microphone.sound().used") is False


def test_a_function_over_sound_is_heard_and_recorded(open_notebook, context) -> None:
    context.add_init_script(TONE)
    notebook = open_notebook([MICROPHONE], context=context)
    notebook.run_cell(0)
    cell = notebook.add_cell(
        "@microphone.map_audio\ndef softer(samples, rate):\n    return samples * 0.5\nsofter"
    )
    notebook.run_cell(cell)
    notebook.wait_for("softer.state == 'live' and softer.error is None")
    notebook.run("recorder = AudioRecorder(stream=softer, format='wav')\nrecorder.recording = True")
    notebook.wait_for("recorder.seconds > 3")
    notebook.run("recorder.recording = False")
    notebook.wait_for("recorder.state == 'done'")
    notebook.run(
        "import av, io\n"
        "frames = list(av.open(io.BytesIO(bytes(recorder.audio.value))).decode(audio=0))\n"
        "sound = np.concatenate([f.to_ndarray().reshape(-1, len(f.layout.channels))[:, 0] for f in frames]) / 32768\n"
        "rate = frames[0].sample_rate\n"
        "middle = sound[rate // 2 : 5 * rate // 2]"
    )
    # Half as loud as the microphone, and no hole in it.
    assert abs(notebook.evaluate("float(np.sqrt(2 * (middle ** 2).mean()))") - 0.15) < 0.02
    notebook.run("parts = middle[: len(middle) // 480 * 480].reshape(-1, 480)")
    assert notebook.evaluate("float(np.sqrt(2 * (parts**2).mean(1)).min())") > 0.12
    # The same cell with another function goes on; one that fails is silent, and says why.
    notebook.set_source(cell, "@microphone.map_audio\ndef softer(samples, rate):\n    return 1 / 0\nsofter")
    before = notebook.evaluate("softer.stream_id")
    notebook.run_cell(cell)
    notebook.wait_for("softer.error is not None")
    assert notebook.evaluate("(softer.stream_id, softer.error.reason.value)") == [before, "function_failed"]
    notebook.output(cell).get_by_text("ZeroDivisionError").first.wait_for()


def test_a_camera_without_sound_says_so(open_notebook) -> None:
    notebook = open_notebook(
        ["from ipymedia import CameraStream\ncamera = CameraStream(constraints={'audio': False})\ncamera"]
    )
    notebook.run_cell(0)
    notebook.wait_for("camera.state == 'live'")
    said = notebook.run(
        "try:\n    next(iter(camera.audio_blocks()))\nexcept Exception as error:\n    print(error.reason.value, error)"
    )
    assert said.startswith("no_stream")


def test_sound_that_python_makes_is_heard_and_recorded(open_notebook, film, tmp_path) -> None:
    notebook = open_notebook(
        [
            (
                "import numpy as np\nfrom ipymedia import ArrayStream, VideoRecorder\n"
                "stream = ArrayStream()\nstream.push(np.zeros((240, 320, 3), 'uint8'))\nstream"
            )
        ]
    )
    notebook.run_cell(0)
    notebook.wait_for("stream.stats.fps >= 0 and stream.state == 'live'")
    mute = notebook.output(0).get_by_role("button", name="Mute the sound")
    assert mute.count() == 0
    notebook.run(
        "import time\n"
        "def blink(seconds):\n"
        "    at = np.arange(44100)\n"
        "    tone = (0.5 * np.sin(2 * np.pi * 1000 * at / 44100) * (at < 9000)).astype('f4')\n"
        "    began = time.monotonic()\n"
        "    for second in range(seconds):\n"
        "        stream.push_audio(tone, 44100)\n"
        "        for step in range(30):\n"
        "            stream.push(np.full((240, 320, 3), 255 * (step < 6), 'uint8'))\n"
        "            time.sleep(max(0, began + second + (step + 1) / 30 - time.monotonic()))\n"
        "blink(1)"
    )
    mute.wait_for(state="attached")
    notebook.run("film = VideoRecorder(stream=stream)\nfilm.recording = True")
    notebook.wait_for("film.state == 'recording'")
    notebook.run("blink(5)\nstream.drained()")
    notebook.run("film.recording = False")
    notebook.wait_for("film.state == 'done'")
    notebook.run(f"film.save({str(tmp_path / 'blink.webm')!r})")
    found = read_offsets(tmp_path / "blink.webm")
    assert len(found.each_ms) >= 3
    # Sound waits for a machine that can't keep up; as late as this nobody notices (ITU-R BT.1359).
    assert -60 <= found.median_ms <= 125, found
    # A film of the kernel's brings its own.
    notebook.run(f"film2 = ArrayStream.from_media({str(film)!r})\nfilm2")
    notebook.run("blocks = [b for b, _ in zip(film2.audio_blocks(seconds=0.5), range(3))]")
    assert notebook.evaluate("[b.samples.shape[1] for b in blocks]") == [24_000] * 3
    assert notebook.evaluate("max(float(np.abs(b.samples).max()) for b in blocks)") > 0.001


def test_how_loud_a_stream_is_stands_beside_its_controls(open_notebook, context) -> None:
    context.add_init_script(TONE)
    notebook = open_notebook([MICROPHONE], context=context)
    notebook.run_cell(0)
    meter = notebook.output(0).get_by_role("meter", name="Loudness")
    meter.wait_for()
    # 0.3 of full scale is -10.5 dB: 83 of 100 where 0 is -60 dB.
    notebook.page.wait_for_function("meter => +meter.ariaValueNow > 75", arg=meter.element_handle())
    assert 78 <= meter.evaluate("meter => +meter.ariaValueNow") <= 88
    notebook.run("microphone.muted = True")
    notebook.page.wait_for_function("meter => +meter.ariaValueNow < 5", arg=meter.element_handle())
