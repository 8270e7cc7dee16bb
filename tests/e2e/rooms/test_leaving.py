"""Whoever is gone is dropped within 5 s, however they went, and is there once when they return."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import Error

from tests.e2e.harness import NotebookPage
from tests.e2e.rooms.people import PATTERN, Person

DROPPED_WITHIN_S = 5.0


def _kill_kernel(person: Person) -> None:
    os.kill(person.notebook.evaluate("__import__('os').getpid()"), signal.SIGKILL)


def _close_tab(person: Person) -> None:
    person.notebook.page.close()


def _crash_tab(person: Person) -> None:
    """The page's process is gone without a word."""
    with pytest.raises(Error):
        person.notebook.page.goto("chrome://crash", wait_until="commit", timeout=3000)


@pytest.mark.parametrize("go", [_kill_kernel, _close_tab, _crash_tab], ids=["kernel", "tab", "crash"])
def test_who_is_gone_is_dropped(person, go: Callable[[Person], None]) -> None:
    ann, bob = (person(name, PATTERN).join(f"'gone {go.__name__}'") for name in ("Ann", "Bob"))
    ann.sees("Bob")
    began_s = time.monotonic()
    go(bob)
    ann.waits_for(timeout_s=20)
    assert time.monotonic() - began_s < DROPPED_WITHIN_S
    ann.notebook.output(ann.cell).get_by_text("Nobody else is here").wait_for()


def test_a_kernel_that_stands_still_is_dropped_and_back_once(person) -> None:
    """As with a network that is cut: nothing comes, and nobody says why."""
    ann, bob = (person(name, PATTERN).join("'cut'") for name in ("Ann", "Bob"))
    ann.sees("Bob")
    kernel = psutil.Process(bob.notebook.evaluate("__import__('os').getpid()"))
    bob.notebook.page.evaluate("() => new Promise((done) => setTimeout(done, 10))")
    began_s = time.monotonic()
    kernel.suspend()
    _freeze(bob.notebook)
    try:
        ann.waits_for(timeout_s=20)
        assert time.monotonic() - began_s < DROPPED_WITHIN_S
    finally:
        kernel.resume()
    ann.waits_for("Bob", timeout_s=30)
    ann.sees("Bob")
    assert ann.others() == ["Bob"]


def _freeze(notebook: NotebookPage) -> None:
    """The page stands still for six seconds."""
    notebook.page.evaluate(
        "() => { setTimeout(() => { const end = Date.now() + 6000; while (Date.now() < end); }, 0); }"
    )


@pytest.mark.timeout(180)
def test_twenty_joins_and_leaves_leave_nothing(person) -> None:
    ann, bob = (person(name, PATTERN).join("'often'") for name in ("Ann", "Bob"))
    ann.sees("Bob")

    def counts() -> tuple[object, ...]:
        ann.waits_for()
        threads = "sorted(t.name for t in __import__('threading').enumerate())"
        widgets = "len(__import__('ipywidgets').Widget.widgets)"
        return ann.notebook.evaluate(f"[{threads}, {widgets}]"), ann.notebook.page.evaluate(
            "() => window.__open.size"
        )

    ann.notebook.page.evaluate(
        """() => {
          window.__open = new Set();
          const Real = RTCPeerConnection;
          window.RTCPeerConnection = class extends Real {
            constructor(...given) { super(...given); window.__open.add(this); }
            close() { window.__open.delete(this); super.close(); }
          };
        }"""
    )
    bob.notebook.run("room.leave()")
    first = counts()
    for _ in range(20):
        bob.notebook.run("room.join()")
        ann.waits_for("Bob")
        bob.notebook.run("room.leave()")
        ann.waits_for()
    last = counts()
    assert last == first
    ann.notebook.run("room.close()\nbefore = None")
    ann.notebook.wait_for("not any('rooms' in t.name for t in __import__('threading').enumerate())")
    assert ann.notebook.page.evaluate("() => window.__open.size") == 0
