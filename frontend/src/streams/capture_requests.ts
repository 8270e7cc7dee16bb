/** Single pictures that the kernel asks for by a widget's own messages: these come after what it told other widgets. */
import type { AnyModel } from "@anywidget/types";
import type { WidgetCapture } from "../protocol/messages.gen";
import { failureOf } from "./failure";
import type { LiveStream } from "./live_stream";
import type { PageSource } from "./page_source";

type TakePicture = (wanted: boolean) => Promise<Awaited<ReturnType<NonNullable<PageSource["picture"]>>> | undefined>;

/** Answers in the page that captures, until the signal aborts. A question that is asked again meanwhile is one. */
export function answerCaptures(live: LiveStream, model: AnyModel, take: TakePicture, signal: AbortSignal): void {
  const asked = new Set<string>();
  const listen = (message: unknown): void => {
    const { type, request, picture } = (message ?? {}) as Partial<WidgetCapture>;
    if (type !== "widget.capture" || request === undefined || live.capturedElsewhere || asked.has(request)) return;
    asked.add(request);
    void answer(live, request, async () => take(picture === true), signal).finally(() => asked.delete(request));
  };
  model.on("msg:custom", listen);
  signal.addEventListener("abort", () => model.off("msg:custom", listen), { once: true });
}

async function answer(live: LiveStream, request: string, take: () => ReturnType<TakePicture>, signal: AbortSignal): Promise<void> {
  const scope = new AbortController();
  live.link.hold(scope.signal);
  try {
    await live.open(AbortSignal.any([scope.signal, signal]));
    const taken = await take();
    if (taken === undefined) throw new Error("The stream was stopped.");
    const { width, height, data } = taken;
    live.link.send({ type: "snapshot.picture", request, format: "png", width, height }, data);
  } catch (error) {
    const { reason, message } = failureOf(error, "unknown");
    live.link.send({ type: "error.report", stream: live.id, reason, message, request });
  } finally {
    scope.abort();
  }
}
