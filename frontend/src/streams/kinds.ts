/** The kinds of streams, as data: what people call each, which traits are its options, and what makes its pictures. */
import type { AnyModel } from "@anywidget/types";
import { loadChunk } from "../link/chunk";
import type { Link } from "../link/link";
import { CameraSource } from "./camera";
import type { DeviceKind } from "./devices";
import type * as FilesChunk from "./files";
import { MicrophoneSource } from "./microphone";
import type { PageSource } from "./page_source";
import { ScreenSource } from "./screen";
import type * as TestCardsChunk from "./test_cards";
import type * as WidgetsChunk from "./widgets";

/** What a source is made from. `options` are the values of the kind's option traits. */
export interface SourceContext {
  readonly id: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly model: AnyModel;
  readonly link: Link;
}

export interface StreamKind {
  /** The name of a view, for those who hear it. */
  readonly label: string;
  /** What it is called in a sentence: "the camera". */
  readonly noun: string;
  /** Whether it has a picture; where it has none the view is a bar. */
  readonly picture: boolean;
  /** The traits that name the devices which the user may choose. */
  readonly devices?: Partial<Record<DeviceKind, "device" | "microphone">>;
  /** What the view says when the source came to its end by itself, and what its button is called. */
  readonly finished?: {
    readonly title: string;
    readonly text: string;
    readonly again: string;
    /** Options whose change begins it again: a film was wound back. */
    readonly begunBy?: readonly string[];
  };
  /** Whether it has a time, which can be set: a film. It pauses by itself. */
  readonly plays?: boolean;
  /** The traits whose changes the source is told. */
  readonly options: readonly string[];
  /** Loads what `make` will need, as soon as a page hears of such a stream. */
  readonly prepare?: (link: Link) => Promise<unknown>;
  /** Makes the pictures in the page that captures; null where the kernel does. */
  readonly make: ((context: SourceContext) => PageSource | Promise<PageSource>) | null;
}

/** What plays files, loaded when a page first plays one. */
const files = async ({ link }: SourceContext): Promise<typeof FilesChunk> => loadChunk<typeof FilesChunk>(link, "files");

/** What the rooms' chunk has for streams; rooms stand above them. */
interface RoomsChunk {
  readonly RemoteSource: new (context: SourceContext) => PageSource;
}

/** What captures widgets: large, and most of the time until the first picture, were it loaded when it is needed. */
const widgets = async (link: Link): Promise<typeof WidgetsChunk> => loadChunk<typeof WidgetsChunk>(link, "widgets");

const PLAYED_OPTIONS = ["playing", "muted", "loop", "time", "rate"] as const;

const REWINDING = ["time", "playing"] as const;

const KINDS = {
  camera: {
    label: "Camera",
    noun: "camera",
    picture: true,
    devices: { videoinput: "device", audioinput: "microphone" },
    options: ["constraints", "device", "microphone"],
    make: ({ options }) => new CameraSource(options),
  },
  pattern: {
    label: "Test card",
    noun: "test card",
    picture: true,
    options: ["width", "height", "fps"],
    make: async ({ link, options }) => new (await loadChunk<typeof TestCardsChunk>(link, "test_cards")).PatternSource(options),
  },
  microphone: {
    label: "Microphone",
    noun: "microphone",
    picture: false,
    devices: { audioinput: "device" },
    options: ["constraints", "device"],
    make: ({ options }) => new MicrophoneSource(options),
  },
  screen: {
    label: "Screen",
    noun: "screen",
    picture: true,
    finished: {
      title: "Sharing ended",
      text: "The screen is not shared any more.",
      again: "Share again",
    },
    options: ["surface", "audio", "constraints"],
    make: ({ options }) => new ScreenSource(options),
  },
  video: {
    label: "Film",
    noun: "film",
    picture: true,
    plays: true,
    finished: { title: "The film is over", text: "", again: "Play again", begunBy: REWINDING },
    options: PLAYED_OPTIONS,
    make: async (context) => new (await files(context)).PlayedSource(context, "video"),
  },
  audio: {
    label: "Sound",
    noun: "sound",
    picture: false,
    plays: true,
    finished: { title: "The sound is over", text: "", again: "Play again", begunBy: REWINDING },
    options: PLAYED_OPTIONS,
    make: async (context) => new (await files(context)).PlayedSource(context, "audio"),
  },
  image: {
    label: "Image",
    noun: "image",
    picture: true,
    options: [],
    make: async (context) => new (await files(context)).ImageSource(context),
  },
  widget: {
    label: "Widget",
    noun: "widget",
    picture: true,
    finished: { title: "Sharing ended", text: "The widget is not captured any more.", again: "Share again" },
    options: ["widget", "max_fps", "_wish", "width", "height"],
    prepare: widgets,
    make: async (context) => new (await widgets(context.link)).WidgetSource(context),
  },
  remote: {
    label: "Somebody else in the room",
    noun: "picture of somebody else",
    picture: true,
    finished: { title: "They left", text: "", again: "Look again" },
    options: ["_room", "_peer"],
    make: async (context) => new (await loadChunk<RoomsChunk>(context.link, "rooms")).RemoteSource(context),
  },
  array: { label: "Pictures from Python", noun: "stream", picture: true, options: [], make: null },
  mapped_audio: { label: "Sound of a function", noun: "sound", picture: false, options: [], make: null },
  mapped: { label: "Result of a function", noun: "stream", picture: true, options: [], make: null },
} as const satisfies Record<string, StreamKind>;

export type StreamKindName = keyof typeof KINDS;

export const STREAM_KINDS: Readonly<Record<StreamKindName, StreamKind>> = KINDS;

/** Whether the widget of this kind is a stream. */
export function isStreamKind(kind: string): kind is StreamKindName {
  return Object.hasOwn(STREAM_KINDS, kind);
}
