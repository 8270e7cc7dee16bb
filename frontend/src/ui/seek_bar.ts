/** Where a film is, and a slider to go elsewhere. */
import type { AnyModel } from "@anywidget/types";
import { element } from "./element";
import { readNumber, seekTo, watchTraits } from "./traits";

/** A key on the player moves so far. */
export const SEEK_STEP_S = 5;

export function renderSeekBar(model: AnyModel, signal: AbortSignal): HTMLElement {
  const slider = element("input", "ipymedia-seek", { type: "range", min: "0", step: "any", "aria-label": "Time" });
  const text = element("span", "ipymedia-time");
  let dragging = false;
  const show = (): void => {
    const [time, duration] = [readNumber(model, "time"), readNumber(model, "duration")];
    slider.max = String(duration > 0 ? duration : 1);
    slider.disabled = duration === 0;
    if (!dragging) slider.value = String(time);
    text.textContent = duration > 0 ? `${clock(Number(slider.value))} / ${clock(duration)}` : clock(time);
    slider.setAttribute("aria-valuetext", text.textContent);
  };
  slider.addEventListener(
    "input",
    () => {
      dragging = true;
      seekTo(model, Number(slider.value));
      show();
    },
    { signal },
  );
  for (const type of ["change", "blur"]) slider.addEventListener(type, () => (dragging = false), { signal });
  watchTraits(model, ["time", "duration"], show, signal);
  show();
  return element("span", "ipymedia-seek-bar", {}, [slider, text]);
}

/** 75 is 1:15. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
