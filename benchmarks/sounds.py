"""A function over sound: from the microphone's track to the track that is heard, and whether anything is missing."""

from __future__ import annotations

import numpy as np

from benchmarks.rows import Row
from benchmarks.stage import Setting, Stage

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
#: Listens to both tracks with one clock; gives their loudness in steps of 1 ms, and the result's phase.
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
  const tap = context.createScriptProcessor(4096, 2, 1);
  const parts = [[], []];
  tap.onaudioprocess = ({ inputBuffer }) => {
    for (const channel of [0, 1]) parts[channel].push(inputBuffer.getChannelData(channel).slice());
  };
  merge.connect(tap).connect(context.destination);
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  tap.disconnect();
  const { outputLatency } = context;
  await context.close();
  return parts.map((part) => {
    const all = new Float32Array(part.length * 4096);
    part.forEach((each, index) => all.set(each, index * 4096));
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
            before, after, output_s = page.page.evaluate(LISTEN, stage.durations.minute_s)
            row.figures.update(_compared(np.array(before), np.array(after)))
            row.figures["output_latency_ms"] = round(1000 * output_s, 1)

        stage.row("sound: map_audio", measure)


def _compared(before: np.ndarray, after: np.ndarray) -> dict[str, float | int]:
    """The median latency by the steps in loudness; holes and jumps of the tone in the result."""
    latencies = []
    rises, heard = _rises(before[:, 0]), _rises(after[:, 0])
    for rise in rises:
        later = heard[heard >= rise]
        if later.size and later[0] - rise < 800:
            latencies.append(int(later[0] - rise))
    turned = np.abs(np.angle(np.exp(1j * np.diff(after[:, 1]))))
    return {
        "seconds": round(len(after) / 1000),
        "median_ms": float(np.median(latencies)),
        "p95_ms": float(np.percentile(latencies, 95)),
        "gaps": int((np.diff((after[:, 0] < 0.03).astype(int)) > 0).sum()),
        # A piece that is left out or repeated turns the phase of a tone whose period fits the step.
        "jumps": int((turned > 0.5).sum()),
    }


def _rises(loudness: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff((loudness > 0.25).astype(int)) > 0)
