/**
 * What a `<video>` or `<audio>` plays, as a stream: by the element's own `captureStream`, or, where there is none (Safari),
 * by drawing its pictures on a canvas and leading its sound through Web Audio.
 */
import { reachSpeakers } from "../frames/web_audio";

export interface ElementCapture {
  /** The same object while the element lives; its tracks change with what it plays. */
  readonly stream: MediaStream;
  /** Whether the element is heard; its stream has the sound in any case. */
  setLoud(loud: boolean): void;
}

interface Capturing {
  captureStream?: () => MediaStream;
  mozCaptureStream?: () => MediaStream;
}

/** Captures until the signal aborts; `changed` tells that the stream has other tracks. */
export function captureElement(element: HTMLMediaElement, changed: () => void, signal: AbortSignal): ElementCapture {
  const capturing = element as unknown as Capturing;
  const capture = capturing.captureStream ?? capturing.mozCaptureStream;
  return capture === undefined
    ? drawAndListen(element, changed, signal)
    : followCapture(element, capture.call(element), changed, signal);
}

function followCapture(element: HTMLMediaElement, captured: MediaStream, changed: () => void, signal: AbortSignal): ElementCapture {
  const stream = new MediaStream();
  const wanted = (): MediaStreamTrack[] =>
    element instanceof HTMLVideoElement ? captured.getTracks() : captured.getAudioTracks();
  const follow = (): void => {
    const now = wanted();
    for (const track of stream.getTracks()) if (!now.includes(track)) stream.removeTrack(track);
    for (const track of now) stream.addTrack(track);
    changed();
  };
  for (const type of ["addtrack", "removetrack"]) captured.addEventListener(type, follow, { signal });
  follow();
  signal.addEventListener("abort", () => captured.getTracks().forEach((track) => track.stop()), { once: true });
  return { stream, setLoud: (loud) => void (element.muted = !loud) };
}

function drawAndListen(element: HTMLMediaElement, changed: () => void, signal: AbortSignal): ElementCapture {
  const stream = new MediaStream();
  if (element instanceof HTMLVideoElement) draw(element, stream, changed, signal);
  const context = new AudioContext();
  const source = context.createMediaElementSource(element);
  const out = context.createMediaStreamDestination();
  const loudness = context.createGain();
  loudness.gain.value = 0;
  source.connect(out);
  source.connect(loudness).connect(context.destination);
  reachSpeakers(context, signal);
  for (const track of out.stream.getTracks()) stream.addTrack(track);
  signal.addEventListener(
    "abort",
    () => {
      for (const track of stream.getTracks()) track.stop();
      void context.close();
    },
    { once: true },
  );
  return { stream, setLoud: (loud) => void (loudness.gain.value = loud ? 1 : 0) };
}

/** Draws each picture as it is shown; a still film's picture is drawn again now and then, for whoever comes later. */
function draw(video: HTMLVideoElement, stream: MediaStream, changed: () => void, signal: AbortSignal): void {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  const paint = (): void => {
    if (video.videoWidth === 0) return;
    if (canvas.width !== video.videoWidth || canvas.height !== video.videoHeight) {
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    }
    context?.drawImage(video, 0, 0);
  };
  const next = (): void => {
    if (signal.aborted) return;
    video.requestVideoFrameCallback(() => {
      paint();
      next();
    });
  };
  next();
  const again = setInterval(paint, STILL_EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(again), { once: true });
  for (const track of canvas.captureStream().getTracks()) stream.addTrack(track);
  changed();
}

const STILL_EVERY_MS = 250;
