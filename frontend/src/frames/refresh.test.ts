import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RefreshGate } from "./refresh";

/** Stands in for the display: Node has none. */
let refresh: () => Promise<void>;

beforeEach(() => {
  let callbacks: (() => void)[] = [];
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => callbacks.push(callback));
  refresh = async () => {
    const due = callbacks;
    callbacks = [];
    for (const callback of due) callback();
    await new Promise((resolve) => setTimeout(resolve, 5)); // the task after the paint
  };
});

afterEach(() => vi.unstubAllGlobals());

describe("one picture for each refresh", () => {
  const shown: string[] = [];
  const dropped: string[] = [];
  const pass = (gate: RefreshGate, name: string): void =>
    gate.pass(
      () => shown.push(name),
      () => () => shown.push(name),
      () => dropped.push(name),
    );
  beforeEach(() => {
    shown.length = 0;
    dropped.length = 0;
  });

  it("draws at once what comes in step", async () => {
    const gate = new RefreshGate();
    for (const name of ["a", "b", "c"]) {
      pass(gate, name);
      await refresh();
    }
    expect(shown).toEqual(["a", "b", "c"]);
    expect(dropped).toEqual([]);
  });

  it("lets the second of two wait for the next refresh", async () => {
    const gate = new RefreshGate();
    pass(gate, "a");
    pass(gate, "b");
    expect(shown).toEqual(["a"]);
    await refresh();
    expect(shown).toEqual(["a", "b"]);
    pass(gate, "c"); // b is still to be shown
    expect(shown).toEqual(["a", "b"]);
    await refresh();
    expect(shown).toEqual(["a", "b", "c"]);
  });

  it("keeps only the newest, and lets go of the others", async () => {
    const gate = new RefreshGate();
    for (const name of ["a", "b", "c", "d"]) pass(gate, name);
    await refresh();
    expect(shown).toEqual(["a", "d"]);
    expect(dropped).toEqual(["b", "c"]);
  });

  it("forgets what waits", async () => {
    const gate = new RefreshGate();
    pass(gate, "a");
    pass(gate, "b");
    gate.clear();
    pass(gate, "c");
    await refresh();
    expect(shown).toEqual(["a", "c"]);
    expect(dropped).toEqual(["b"]);
  });
});
