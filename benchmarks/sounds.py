"""A function over sound: from the microphone's track to the track that is heard, and whether anything is missing; and
whether the sound of recordings is in step with their pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.rows import Row
from benchmarks.stage import Notebook, Setting, Stage
from tests.media import flash_film, read_offsets

#: A microphone that gives a tone, louder for a fifth of each second; and what plays sound in the page, to be looked at.
TONE = """(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  window.__sounds = { out: [], microphone: null };
  const make = AudioContext.prototype.createMediaStreamDestination;
  AudioContext.prototype.createMediaStreamDestination = function () {
    const node = make.call(this);
    if (!this.__own) __sounds.out.push(node.stream);
    return node;
  };
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (wanted) => {
    if (wanted.video) return ask(wanted);
    const context = new AudioContext({ sampleRate: 48000 });
    context.__own = true;
    const tone = new OscillatorNode(context, { frequency: 1000 });
    const gain = new GainNode(context, { gain: 0.1 });
    const out = context.createMediaStreamDestination();
    tone.connect(gain).connect(out);
    tone.start();
    for (let second = 0; second < 600; second += 1) {
      gain.gain.setValueAtTime(0.4, context.currentTime + second + 0.5);
      gain.gain.setValueAtTime(0.1, context.currentTime + second + 0.7);
    }
    __sounds.microphone = out.stream;
    return out.stream;
  };
})()"""
#: Listens to both tracks with one clock, on the audio thread: the page has nothing to do meanwhile. Gives their
#: loudness and phase in steps of 1 ms.
LISTEN = """async (seconds) => {
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const merge = context.createChannelMerger(2);
  const [before, after] = [__sounds.microphone, __sounds.out.at(-1)].map((stream) =>
    context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())));
  for (const [index, source] of [before, after].entries()) {
    const split = context.createChannelSplitter(1);
    source.connect(split).connect(merge, 0, index);
  }
  const keeper = `registerProcessor("keeper", class extends AudioWorkletProcessor {
    all = [0, 1].map(() => new Float32Array(${Math.ceil(seconds) * 48000}));
    at = 0;
    process([input]) {
      if (this.at >= this.all[0].length) return false;
      for (const channel of [0, 1]) if (input[channel]) this.all[channel].set(input[channel], this.at);
      this.at += 128;
      if (this.at >= this.all[0].length) this.port.postMessage(this.all);
      return true;
    }
  });`;
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([keeper], { type: "text/javascript" })));
  const tap = new AudioWorkletNode(context, "keeper", { channelCount: 2, channelCountMode: "explicit" });
  const kept = new Promise((resolve) => (tap.port.onmessage = ({ data }) => resolve(data)));
  merge.connect(tap).connect(context.destination);
  const { outputLatency } = context;
  const heard = await kept;
  await context.close();
  return heard.map((all) => {
    const steps = [];
    for (let at = 0; at + 48 <= all.length; at += 48) {
      let real = 0, imaginary = 0;
      for (let i = 0; i < 48; i += 1) {
        real += all[at + i] * Math.cos(Math.PI * 2 * i / 48);
        imaginary -= all[at + i] * Math.sin(Math.PI * 2 * i / 48);
      }
      steps.push([Math.hypot(real, imaginary) / 24, Math.atan2(imaginary, real)]);
    }
    return steps;
  }).concat([outputLatency]);
}"""


def measure_sounds(stage: Stage) -> None:
    """Identity over a microphone's sound for a minute."""
    with stage.notebook(Setting(), init_script=TONE) as notebook:
        page = notebook.page
        page.run(
            "from ipymedia import MicrophoneStream\nmicrophone = MicrophoneStream()\n"
            "stream = microphone.map_audio(lambda samples, rate: samples)"
        )
        cell = page.add_cell("stream")
        page.run_cell(cell)
        page.wait_for("stream.state == 'live'")

        def measure(row: Row) -> None:
            notebook.pass_time(2)
            dropped = page.evaluate("stream.stats.dropped")
            before, after, output_s = page.page.evaluate(LISTEN, stage.durations.minute_s)
            row.figures.update(_compared(np.array(before), np.array(after)))
            # As the player counts them, and what the same look at the microphone's own track finds.
            row.figures["player_dropped"] = page.evaluate("stream.stats.dropped") - dropped
            row.figures.update(
                {f"microphone_{name}": value for name, value in _breaks(np.array(before)).items()}
            )
            row.figures["output_latency_ms"] = round(1000 * output_s, 1)

        stage.row("sound: map_audio", measure)


def measure_in_step(stage: Stage) -> None:
    """A film whose flashes and beeps coincide, and what two functions make of it, all three recorded."""
    with stage.notebook(Setting()) as notebook, tempfile.TemporaryDirectory() as folder:
        stage.row("recording: flashes and beeps", lambda row: _in_step(stage, notebook, Path(folder), row))


def _in_step(stage: Stage, notebook: Notebook, folder: Path, row: Row) -> None:
    seconds = stage.durations.minute_s
    film = flash_film(folder / "flashes.mp4", round(seconds) + 10)
    page = notebook.page
    page.run(
        "from concurrent.futures import ThreadPoolExecutor\nimport ipywidgets\n"
        "from ipymedia import VideoRecorder, VideoStream\n"
        f"film = VideoStream.from_file({str(film)!r}, playing=False)\n"
        "def slowly(image):\n    time.sleep(0.2)\n    return image\n"
        "streams = {'film': film, 'mapped': film.map(lambda image: image),\n"
        "           'slowly': film.map(slowly, executor=ThreadPoolExecutor(8))}\n"
        "recorders = {name: VideoRecorder(stream=stream) for name, stream in streams.items()}"
    )
    page.run_cell(page.add_cell("ipywidgets.HBox(list(streams.values()))"))
    page.page.mouse.click(5, 5)  # a browser plays no sound before
    page.run("film.playing = True")
    page.wait_for("streams['slowly'].stats.latency_ms > 200 and streams['mapped'].stats.latency_ms > 0")
    page.run("for each in recorders.values(): each.recording = True")
    page.wait_for(f"recorders['film'].seconds > {seconds}", timeout_s=seconds + 20)
    page.run(
        "for each in recorders.values(): each.recording = False\n"
        "for each in recorders.values(): each.wait(30)\n"
        f"for name, each in recorders.items(): each.save({str(folder)!r} + f'/{{name}}.webm')"
    )
    for name in ("film", "mapped", "slowly"):
        offsets = read_offsets(folder / f"{name}.webm")
        row.figures[f"{name}_flashes"] = len(offsets.each_ms)
        row.figures[f"{name}_end_ms"] = round(offsets.end_ms, 1)
        row.figures[f"{name}_apart_ms"] = round(abs(offsets.end_ms), 1)


def _compared(before: np.ndarray, after: np.ndarray) -> dict[str, float | int]:
    """The median latency by the steps in loudness; holes and jumps of the tone in the result."""
    latencies = []
    rises, heard = _rises(before[:, 0]), _rises(after[:, 0])
    for rise in rises:
        later = heard[heard >= rise]
        if later.size and later[0] - rise < 800:
            latencies.append(int(later[0] - rise))
    return {
        "seconds": round(len(after) / 1000),
        "median_ms": float(np.median(latencies)),
        "p95_ms": float(np.percentile(latencies, 95)),
        **_breaks(after),
    }


def _breaks(heard: np.ndarray) -> dict[str, int]:
    """Where the tone is missing; and where its phase turns, as a piece was left out or repeated."""
    turned = np.abs(np.angle(np.exp(1j * np.diff(heard[:, 1]))))
    return {
        "gaps": int((np.diff((heard[:, 0] < 0.03).astype(int)) > 0).sum()),
        "jumps": int((turned > 0.5).sum()),
    }


def _rises(loudness: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff((loudness > 0.25).astype(int)) > 0)
