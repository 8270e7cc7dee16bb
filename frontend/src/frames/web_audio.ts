/** Browsers keep a page's sound off until the user did something in it. */

/** Starts the context now, or with the user's next click or key; until the signal aborts. */
export function reachSpeakers(context: AudioContext, signal: AbortSignal): void {
  const resume = (): void => void context.resume().catch(() => undefined); // refused until then
  resume();
  for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, resume, { signal, capture: true });
}
