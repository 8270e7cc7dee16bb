/**
 * What a `<video>` or `<audio>` plays, as a stream: by the element's own `captureStream`, with Web Audio for the sound as soon
 * as the browser lets it run; where there is none (Safari), by drawing its pictures on a canvas.
 */
import { reachSpeakers } from "../frames/web_audio";

/** Chromium looks for a new picture 30 times a second: on average they are captured so late. */
const CAPTURE_LATE_S = 0.02;

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
  const { captureStream, mozCaptureStream } = element as unknown as Capturing;
  if (captureStream !== undefined) return followCapture(element, captureStream.call(element), changed, signal, true);
  if (mozCaptureStream !== undefined) return followCapture(element, mozCaptureStream.call(element), changed, signal, false);
  const stream = new MediaStream();
  if (element instanceof HTMLVideoElement) draw(element, stream, changed, signal);
  const sound = listen(element, 0, signal);
  sound.connect();
  for (const track of sound.tracks) stream.addTrack(track);
  return { stream, setLoud: sound.setLoud };
}

/**
 * Chromium's captured sound runs ahead of the pictures by what its loudspeaker's buffers hold, a tenth of a second; what
 * Web Audio is given keeps step. But it plays nothing, and holds the film up, before the user did something in the page.
 */
function followCapture(
  element: HTMLMediaElement,
  captured: MediaStream,
  changed: () => void,
  signal: AbortSignal,
  byWebAudio: boolean,
): ElementCapture {
  const stream = new MediaStream();
  let sound: Sound | null = null;
  let loud = !element.muted;
  const wanted = (): MediaStreamTrack[] => [
    ...(element instanceof HTMLVideoElement ? captured.getVideoTracks() : []),
    ...(sound?.connected === true && captured.getAudioTracks().length > 0 ? sound.tracks : captured.getAudioTracks()),
  ];
  const setLoud = (wish: boolean): void => {
    loud = wish;
    const connected = sound?.connected === true;
    element.muted = !connected && !loud;
    if (connected) sound?.setLoud(loud);
  };
  const follow = (): void => {
    if (sound === null && byWebAudio && captured.getAudioTracks().length > 0) {
      sound = listen(element, CAPTURE_LATE_S, signal);
      sound.context.addEventListener("statechange", follow, { signal });
    }
    if (sound !== null && !sound.connected && sound.context.state === "running") {
      sound.connect();
      setLoud(loud);
    }
    const now = wanted();
    for (const track of stream.getTracks()) if (!now.includes(track)) stream.removeTrack(track);
    for (const track of now) stream.addTrack(track);
    changed();
  };
  for (const type of ["addtrack", "removetrack"]) captured.addEventListener(type, follow, { signal });
  follow();
  signal.addEventListener("abort", () => captured.getTracks().forEach((track) => track.stop()), { once: true });
  return { stream, setLoud };
}

interface Sound {
  readonly context: AudioContext;
  readonly tracks: readonly MediaStreamTrack[];
  /** From then on the element is heard by the context alone. */
  readonly connect: () => void;
  readonly connected: boolean;
  readonly setLoud: (loud: boolean) => void;
}

/** An element's sound through Web Audio, until the signal aborts; its tracks are `lateS` behind what is heard. */
function listen(element: HTMLMediaElement, lateS: number, signal: AbortSignal): Sound {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const tracks = out.stream.getTracks();
  const loudness = context.createGain();
  loudness.gain.value = 0;
  loudness.connect(context.destination);
  reachSpeakers(context, signal);
  signal.addEventListener(
    "abort",
    () => {
      for (const track of tracks) track.stop();
      void context.close();
    },
    { once: true },
  );
  let connected = false;
  return {
    context,
    tracks,
    get connected() {
      return connected;
    },
    connect: () => {
      if (connected) return;
      connected = true;
      const source = context.createMediaElementSource(element);
      source.connect(new DelayNode(context, { delayTime: lateS })).connect(out);
      source.connect(loudness);
    },
    setLoud: (loud) => void (loudness.gain.value = loud ? 1 : 0),
  };
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
