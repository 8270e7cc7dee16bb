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
    if (!this.__own) __sounds.out.push({ context: this, stream: node.stream, node, sources: [] });
    return node;
  };
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    __sounds.out.find(({ node }) => node === to)?.sources.push(this);
    return connect.call(this, to, ...rest);
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
#: Listens for some seconds: to the microphone and to the track that is heard with one clock, in a context of its
#: own; and to the latter where it is made, as tracks between contexts break by themselves. On audio threads: the page
#: has nothing to do meanwhile. Gives the context's output latency.
LISTEN = """async (seconds) => {
  const keeper = URL.createObjectURL(new Blob([`registerProcessor("keeper", class extends AudioWorkletProcessor {
    all = [0, 1].map(() => new Float32Array(${Math.ceil(seconds) * 48000}));
    at = 0;
    process([input]) {
      if (this.at >= this.all[0].length) return false;
      for (const channel of [0, 1]) if (input[channel]) this.all[channel].set(input[channel], this.at);
      this.at += 128;
      if (this.at >= this.all[0].length) this.port.postMessage(this.all);
      return true;
    }
  });`], { type: "text/javascript" }));
  const keep = async (context, sources) => {
    await context.audioWorklet.addModule(keeper);
    const merge = context.createChannelMerger(2);
    for (const [index, source] of sources.entries()) {
      const split = context.createChannelSplitter(1);
      source.connect(split).connect(merge, 0, index);
    }
    const node = new AudioWorkletNode(context, "keeper", { channelCount: 2, channelCountMode: "explicit" });
    const kept = new Promise((resolve) => (node.port.onmessage = ({ data }) => resolve(data)));
    merge.connect(node).connect(context.destination);
    return kept;
  };
  const context = new AudioContext({ sampleRate: 48000 });
  await context.resume();
  const player = __sounds.out.at(-1);
  const tracks = [__sounds.microphone, player.stream].map((stream) =>
    context.createMediaStreamSource(new MediaStream(stream.getAudioTracks())));
  const [[before, after], [made]] = await Promise.all([keep(context, tracks), keep(player.context, player.sources)]);
  const { outputLatency } = context;
  await context.close();
  window.__heard = { before, after, made };
  return outputLatency;
}"""
#: What was heard: its loudness and phase in steps of 1 ms.
HEARD = """() => Object.fromEntries(Object.entries(__heard).map(([name, all]) => {
  const steps = [];
  for (let at = 0; at + 48 <= all.length; at += 48) {
    let real = 0, imaginary = 0;
    for (let i = 0; i < 48; i += 1) {
      real += all[at + i] * Math.cos(Math.PI * 2 * i / 48);
      imaginary -= all[at + i] * Math.sin(Math.PI * 2 * i / 48);
    }
    steps.push([Math.hypot(real, imaginary) / 24, Math.atan2(imaginary, real)]);
  }
  return [name, steps];
}))"""


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
            output_s = page.page.evaluate(LISTEN, stage.durations.minute_s)
            # As the player counts them.
            dropped = page.evaluate("stream.stats.dropped") - dropped
            before, after, made = map(np.array, page.page.evaluate(HEARD).values())
            row.figures.update(_latencies(before, after), **_breaks(made), player_dropped=dropped)
            # What the same look at the microphone's own track finds, in a context that is not the one it is made in.
            row.figures.update({f"microphone_{name}": value for name, value in _breaks(before).items()})
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


def _latencies(before: np.ndarray, after: np.ndarray) -> dict[str, float | int]:
    """By the steps in loudness."""
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
