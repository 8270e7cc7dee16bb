"""Sound and picture stay together: films whose flashes and beeps coincide, recorded."""

from __future__ import annotations

import av

from tests.media import Offsets, flash_film, read_offsets

# A camera that flashes and beeps for a quarter of each second.
FLASHING_CAMERA = """(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  media.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48000 });
    const tone = new OscillatorNode(context, { frequency: 1000 });
    const gain = new GainNode(context, { gain: 0 });
    const out = context.createMediaStreamDestination();
    tone.connect(gain).connect(out);
    tone.start();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 240];
    const paint = canvas.getContext("2d");
    let lit = false;
    setInterval(() => {
      const on = performance.now() % 1000 < 250;
      if (on !== lit) gain.gain.value = on ? 0.5 : 0;
      lit = on;
      paint.fillStyle = on ? "white" : "black";
      paint.fillRect(0, 0, 320, 240);
      paint.fillStyle = "gray";
      paint.fillRect(performance.now() % 300, 0, 4, 4);
    }, 10);
    const stream = canvas.captureStream(30);
    stream.addTrack(out.stream.getAudioTracks()[0]);
    return stream;
  };
})()"""


def test_a_recorded_film_is_in_step_after_a_minute(open_notebook, tmp_path) -> None:
    film = flash_film(tmp_path / "flashes.mp4", 75)
    notebook = open_notebook(
        [
            (
                "import time\nfrom concurrent.futures import ThreadPoolExecutor\n"
                "from ipymedia import VideoRecorder, VideoStream\nimport ipywidgets\n"
                f"film = VideoStream.from_file({str(film)!r}, playing=False)\n"
                "pool = ThreadPoolExecutor(8)\n"
                "def slowly(image):\n    time.sleep(0.2)\n    return image\n"
                "slow = film.map(slowly, executor=pool)\n"
                "silent = film.map(lambda image: image, audio=False)\n"
                "recorders = {'film': VideoRecorder(stream=film), 'slow': VideoRecorder(stream=slow)}\n"
                "ipywidgets.HBox([film, slow])"
            )
        ]
    )
    notebook.run_cell(0)
    notebook.page.mouse.click(5, 5)  # a browser plays no sound before
    notebook.run("film.playing = True")
    notebook.wait_for("slow.stats.latency_ms > 200")
    notebook.run(f"silent.record({str(tmp_path / 'silent.webm')!r}, seconds=2)")
    notebook.run("for each in recorders.values(): each.recording = True")
    notebook.wait_for("recorders['film'].seconds > 60", timeout_s=150)
    notebook.run(
        "for each in recorders.values(): each.recording = False\n"
        "for each in recorders.values(): each.wait(30)\n"
        f"for name, each in recorders.items(): each.save({str(tmp_path)!r} + f'/{{name}}.webm')"
    )
    found = {name: read_offsets(tmp_path / f"{name}.webm") for name in ("film", "slow")}
    # A machine that can't keep up loses pictures, and flashes with them; what is there is in step.
    assert len(found["film"].each_ms) > 20
    most_ms = {"film": 40, "slow": 60}
    assert {name: abs(each.end_ms) <= most_ms[name] for name, each in found.items()} == dict.fromkeys(
        found, True
    ), _told(found)
    with av.open(str(tmp_path / "silent.webm")) as file:
        assert not file.streams.audio


def test_a_camera_and_what_is_mapped_from_it_are_in_step(open_notebook, context, tmp_path) -> None:
    context.add_init_script(FLASHING_CAMERA)
    notebook = open_notebook(
        [
            (
                "import time\nfrom concurrent.futures import ThreadPoolExecutor\n"
                "from ipymedia import CameraStream, VideoRecorder\nimport ipywidgets\n"
                "camera = CameraStream()\n"
                "@camera.map(executor=ThreadPoolExecutor(8))\n"
                "def slow(image):\n    time.sleep(0.2)\n    return image\n"
                "quick = camera.map(lambda image: image, name='quick')\n"
                "streams = {'camera': camera, 'slow': slow, 'quick': quick}\n"
                "recorders = {name: VideoRecorder(stream=stream, format='mp4') for name, stream in streams.items()}\n"
                "ipywidgets.HBox([camera, slow, quick])"
            )
        ],
        context=context,
    )
    notebook.run_cell(0)
    notebook.wait_for("slow.stats.latency_ms > 200 and quick.stats.latency_ms > 0")
    notebook.run("for each in recorders.values(): each.recording = True")
    notebook.wait_for("all(each.seconds > 6 for each in recorders.values())")
    notebook.run(
        "for each in recorders.values(): each.recording = False\n"
        "for each in recorders.values(): each.wait(30)\n"
        f"for name, each in recorders.items(): each.save({str(tmp_path)!r} + f'/{{name}}.mp4')"
    )
    found = {name: read_offsets(tmp_path / f"{name}.mp4") for name in ("camera", "slow", "quick")}
    assert min(len(each.each_ms) for each in found.values()) >= 3
    assert max(abs(each.median_ms) for each in found.values()) <= 60, _told(found)


def _told(found: dict[str, Offsets]) -> str:
    return str({name: (each.end_ms, each.median_ms, each.growth_ms) for name, each in found.items()})
