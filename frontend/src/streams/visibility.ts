import type { LiveStream } from "./live_stream";

/** Counts a view as a consumer only while it can be seen: scrolled into sight, in a page that is in front. */
export function holdWhileVisible(live: LiveStream, host: HTMLElement, signal: AbortSignal): void {
  let seen: AbortController | null = null;
  let inSight = true;
  const update = (): void => {
    const visible = inSight && document.visibilityState === "visible" && !signal.aborted;
    if (visible && seen === null) {
      seen = new AbortController();
      live.hold(seen.signal);
    } else if (!visible && seen !== null) {
      seen.abort();
      seen = null;
    }
  };
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? false;
    update();
  });
  observer.observe(host);
  document.addEventListener("visibilitychange", update, { signal });
  signal.addEventListener(
    "abort",
    () => {
      observer.disconnect();
      update();
    },
    { once: true },
  );
  update();
}
