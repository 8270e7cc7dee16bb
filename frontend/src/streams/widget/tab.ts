/**
 * Element Capture: the browser itself takes the pictures of an element of this tab, once the user agreed to share it.
 *
 * Source: W3C Element Capture, https://screen-share.github.io/element-capture/.
 */
import { abortReason } from "../../abort_reason";
import { CaptureFailure } from "../capture_error";
import { sharingFailure } from "../screen";

interface RestrictionTargetType {
  fromElement(element: Element): Promise<object>;
}

interface RestrictableTrack extends MediaStreamTrack {
  restrictTo(target: object): Promise<void>;
}

export interface TabListener {
  /** Resolves when the user clicked the view's button. */
  click(signal: AbortSignal): Promise<void>;
  notice(text: string): void;
  /** null: the user stopped sharing. */
  ended(error: Error | null): void;
}

const HIDDEN = "The widget is out of sight, so the browser gives no new pictures: scroll to it, or bring its tab to the front.";

/** The pictures of the element, until the signal aborts. Asks the user; waits for a click where none is fresh. */
export async function shareElement(
  element: HTMLElement,
  listener: TabListener,
  maxFps: number | null,
  signal: AbortSignal,
): Promise<MediaStream> {
  const target = (globalThis as unknown as { RestrictionTarget?: RestrictionTargetType }).RestrictionTarget;
  if (target === undefined) {
    throw new CaptureFailure(
      "no_device",
      "The widget was not captured by its tab: this browser has no Element Capture (Chromium on a desktop has). " +
        "Use method=\"compositor\".",
    );
  }
  const stream = await askForTab(element, listener, maxFps, signal);
  const [track] = stream.getVideoTracks();
  const stop = (): void => stream.getTracks().forEach((each) => each.stop());
  if (track === undefined) throw new CaptureFailure("no_stream", "The tab was shared without a picture.");
  signal.addEventListener("abort", stop, { once: true });
  track.addEventListener("ended", () => !signal.aborted && listener.ended(null), { signal });
  isolate(element, signal);
  try {
    await (track as RestrictableTrack).restrictTo(await target.fromElement(element));
  } catch (error) {
    stop();
    throw new CaptureFailure(
      "no_stream",
      "The widget was not captured: something else than this tab was shared. Share again, and choose “this tab”.",
      error instanceof Error ? error.message : String(error),
    );
  }
  watchSight(element, (seen) => listener.notice(seen ? "" : HIDDEN), signal);
  return stream;
}

async function askForTab(
  element: HTMLElement,
  listener: TabListener,
  maxFps: number | null,
  signal: AbortSignal,
): Promise<MediaStream> {
  const options = {
    preferCurrentTab: true,
    selfBrowserSurface: "include",
    surfaceSwitching: "exclude",
    audio: false,
    video: {
      displaySurface: "browser",
      frameRate: maxFps ?? 60,
      // Without bounds Chromium captures the whole tab at full size, which more than halves the rate.
      width: { max: Math.max(2, Math.round(element.offsetWidth * devicePixelRatio)) },
      height: { max: Math.max(2, Math.round(element.offsetHeight * devicePixelRatio)) },
    },
  };
  while (!((navigator.userActivation as UserActivation | undefined)?.isActive ?? true)) await listener.click(signal);
  for (;;) {
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(options);
      if (!signal.aborted) return stream;
      for (const track of stream.getTracks()) track.stop();
      throw abortReason(signal);
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw sharingFailure(error);
      await listener.click(signal); // the click was not fresh any more
    }
  }
}

/** The browser restricts to elements that are a group of their own, and shows through what is transparent. */
function isolate(element: HTMLElement, signal: AbortSignal): void {
  const before = { isolation: element.style.isolation, background: element.style.backgroundColor };
  element.style.isolation = "isolate";
  if (/^(transparent|rgba\(.*, 0\))$/u.test(getComputedStyle(element).backgroundColor)) {
    element.style.backgroundColor = "var(--jp-layout-color0, white)";
  }
  signal.addEventListener(
    "abort",
    () => {
      element.style.isolation = before.isolation;
      element.style.backgroundColor = before.background;
    },
    { once: true },
  );
}

/** Element Capture freezes without a word when its element can't be seen. */
function watchSight(element: HTMLElement, told: (seen: boolean) => void, signal: AbortSignal): void {
  let inSight = true;
  const tell = (): void => told(inSight && document.visibilityState === "visible");
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  observer.observe(element);
  document.addEventListener("visibilitychange", tell, { signal });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
