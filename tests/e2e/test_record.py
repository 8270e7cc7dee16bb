"""`stream.record(path)`: one line in a running cell, and a finished file."""

from __future__ import annotations

from tests.e2e.harness import shows
from tests.e2e.test_recorders import CAMERA, PROBE


def test_one_line_records_a_file(open_notebook, context, tmp_path) -> None:
    notebook = open_notebook(
        [CAMERA + PROBE + f"import os; os.chdir({str(tmp_path)!r})\ncamera"], context=context
    )
    notebook.run_cell(0)
    shows(notebook.output(0).locator("video"))
    notebook.wait_for("camera.stats.carrier == 'socket'")
    # Blocks in the running cell until the file is there.
    assert "film.mp4" in notebook.run("print(camera.record('film.mp4', seconds=4))")
    found = notebook.evaluate("probe(open('film.mp4', 'rb').read())")
    assert (found["video"], found["audio"]) == ("h264", "aac")
    assert abs(found["duration_s"] - 4) < 0.1
    assert abs(len(found["frames"]) - 24 * found["duration_s"]) <= 0.02 * len(found["frames"])
    # While a body runs; also when it fails.
    notebook.run(
        "try:\n"
        "    with camera.record('body.webm') as recording:\n"
        "        time.sleep(2)\n"
        "        raise KeyError('body')\n"
        "except KeyError as error:\n"
        "    raised = error\n"
    )
    assert notebook.evaluate("str(raised)") == "'body'"
    assert notebook.evaluate("probe(open(recording, 'rb').read())['duration_s']") > 1.5
    # Sound alone, a still, and what a function makes.
    notebook.run("camera.record('sound.wav', seconds=1)\ncamera.record('still.png')")
    assert notebook.evaluate("probe(open('sound.wav', 'rb').read())['audio']") == "pcm_s16le"
    notebook.run("import PIL.Image")
    assert notebook.evaluate("PIL.Image.open('still.png').size == camera.snapshot().shape[1::-1]")
    notebook.run(
        "gray = camera.map(lambda image: image.mean(2).astype('uint8'))\ngray.record('gray.mp4', seconds=2)"
    )
    assert notebook.evaluate("probe(open('gray.mp4', 'rb').read())['duration_s']") > 1.5
    # An interrupt ends it, and what was recorded is there.
    cell = notebook.start("camera.record('cut.webm', seconds=60)")
    notebook.page.wait_for_timeout(2500)
    notebook.interrupt()
    notebook.wait_cell(cell, expect_error=True)
    assert notebook.evaluate("probe(open('cut.webm', 'rb').read())['duration_s']") > 1
    assert notebook.evaluate("sorted(os.listdir())") == sorted(
        ["body.webm", "cut.webm", "film.mp4", "gray.mp4", "sound.wav", "still.png"]
    )
