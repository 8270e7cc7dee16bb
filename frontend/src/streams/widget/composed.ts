/** The picture of one view of a widget, kept up to date, with all that tells whether it is. */
import type { AnyModel } from "@anywidget/types";
import { CaptureFailure } from "../capture_error";
import { managerOf } from "../model_stream";
import { fillBlanks } from "./blanks";
import { Compositor } from "./compositor";
import { LARGEST_PX } from "./options";
import type { Remarks } from "./remarks";
import { OpenQuestions } from "./settle";
import type { FoundView } from "./views";

export interface Composed {
  readonly root: HTMLElement;
  readonly compositor: Compositor;
  /** What the page asked the kernel, and whose answers may change the picture. */
  readonly questions: OpenQuestions;
}

interface Listener {
  /** A new picture is on the canvas. */
  drawn(): void;
  readonly remarks: Remarks;
}

/** Resolves when the first picture is there; it is kept up to date until the signal aborts. */
export async function compose(model: AnyModel, { root }: FoundView, listener: Listener, signal: AbortSignal): Promise<Composed> {
  const { remarks } = listener;
  const questions = new OpenQuestions(model, signal);
  const compositor = new Compositor(
    root,
    {
      drawn: () => {
        remarks.size(Math.max(root.offsetWidth, root.offsetHeight) * devicePixelRatio, LARGEST_PX);
        listener.drawn();
      },
      gaps: (some) => remarks.gaps(some),
      failed: (error) => remarks.set("failed", `A part could not be drawn: ${error instanceof Error ? error.message : String(error)}`),
    },
    signal,
  );
  // At the same time: what owners draw when they are asked is there when the DOM is rasterised.
  await Promise.all([compositor.start(), fillBlanks(compositor, managerOf(model), signal)]);
  compositor.drawNow();
  return { root, compositor, questions };
}

export async function pngOf(canvas: HTMLCanvasElement): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new CaptureFailure("unknown", "No picture was taken: the browser could not encode it.");
  return new Uint8Array(await blob.arrayBuffer());
}
