/** What the page itself makes pictures from: a camera, a test card. One object per stream; `LiveStream` owns it. */
export interface PageSource {
  /**
   * Starts, and resolves with a stream that has a live video track (and a sound track where asked for). One
   * `MediaStream` object serves from start to stop; its tracks may be exchanged (see `events`). Rejects with
   * `CaptureFailure`, or with the signal's reason when it aborted first; nothing is left open then.
   */
  start(signal: AbortSignal): Promise<MediaStream>;
  /**
   * Options changed while running: acts on the running stream and resolves with the stream to show from now on. Rejects
   * with `CaptureFailure` when they can't be met; what ran before goes on then, unless "ended" was dispatched.
   */
  update(options: unknown): Promise<MediaStream>;
  /** Ends all tracks: the camera's light goes out. May be called in any state, and again. */
  stop(): void;
  /**
   * - "track": a track of the stream was exchanged, added or removed; read the stream's tracks again.
   * - "ended": no pictures come any more (device unplugged, permission taken back); `detail` is the `CaptureFailure`.
   * - "restored": after "ended", pictures come again by themselves.
   * - "devices": the browser's list of devices changed; `detail` is the list.
   * - "notice": `notice` changed.
   * - "finished": the source came to its end, which is no failure: the user stopped sharing, a film is over.
   * - "needs_click": `needsClick` changed.
   */
  readonly events: EventTarget;
  /** A remark for the view, such as that the sound is missing. Empty when there is none. */
  readonly notice: string;
  /** Whether the source waits, in `start`, for a click: browsers let some things begin only in answer to one. */
  readonly needsClick?: boolean;
  /** The user clicked where the view asked for it; called in the click's own event. */
  click?(): void;
  /** A picture of what the kernel told the page before; where the kernel may ask for one in the order of its messages. */
  picture?(wanted: boolean): Promise<{ width: number; height: number; data: Uint8Array<ArrayBuffer> }>;
}
