// The bar-code camera, and the meter that reads its code back off a picture: runs in every page, before its own scripts.
//
// `getUserMedia` gives a camera that paints the time on each frame; whatever the system under test does with the frames,
// the meter reads the time off the element that shows the result. Nothing of the system under test is asked or changed.
(options) => {
  if (!navigator.mediaDevices || !globalThis.MediaStreamTrackGenerator || globalThis.__barcode) return;
  const COLUMNS = 26;
  const STRIP = 0.1;
  const CELL = 4; // a block is sampled as 4×4 pixels, of which the inner four count
  const devices = navigator.mediaDevices;
  const trueGetUserMedia = devices.getUserMedia.bind(devices);
  const epochNow = () => performance.timeOrigin + performance.now();

  // Camera

  const wanted = (constraint, otherwise) => {
    if (typeof constraint === "number") return constraint;
    const { exact, ideal, min, max } = constraint ?? {};
    return exact ?? ideal ?? Math.min(max ?? Infinity, Math.max(min ?? 0, otherwise));
  };
  const configure = (video, base) => ({
    width: Math.round(wanted(video.width, base.width) / 2) * 2,
    height: Math.round(wanted(video.height, base.height) / 2) * 2,
    fps: wanted(video.frameRate, base.fps),
    inStep: base.inStep,
  });

  const dress = (track, state) => {
    track.getSettings = () => ({
      width: state.config.width, height: state.config.height, frameRate: state.config.fps,
      aspectRatio: state.config.width / state.config.height, deviceId: state.deviceId, resizeMode: "none",
    });
    track.getCapabilities = () => ({
      width: { min: 1, max: 1920 }, height: { min: 1, max: 1080 }, frameRate: { min: 1, max: 60 }, deviceId: state.deviceId,
    });
    track.applyConstraints = async (video = {}) => {
      state.config = configure(video, state.config);
      state.worker.postMessage({ config: state.config });
    };
    track.clone = () => dress(MediaStreamTrack.prototype.clone.call(track), state);
    return track;
  };

  const cameras = [];
  const openCamera = async (video) => {
    const worker = new Worker(URL.createObjectURL(new Blob([options.worker], { type: "text/javascript" })));
    const generator = new MediaStreamTrackGenerator({ kind: "video" });
    const device = (await devices.enumerateDevices()).find(({ kind }) => kind === "videoinput");
    const state = { worker, deviceId: device?.deviceId ?? "", config: configure(video, options) };
    worker.postMessage(
      { writable: generator.writable, config: state.config, pictures: options.pictures }, [generator.writable],
    );
    cameras.push(new WeakRef(generator));
    return dress(generator, state);
  };

  devices.getUserMedia = async (constraints = {}) => {
    const { video, audio } = constraints;
    if (!video) return trueGetUserMedia(constraints);
    const stream = new MediaStream([await openCamera(video === true ? {} : video)]);
    if (audio) for (const track of (await trueGetUserMedia({ audio })).getTracks()) stream.addTrack(track);
    return stream;
  };

  // Meter

  const crc8 = (bytes) => {
    let crc = 0;
    for (const byte of bytes) {
      crc ^= byte;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 128 ? ((crc << 1) ^ 7) & 255 : crc << 1;
    }
    return crc;
  };

  // A strip is {luma(column, row)}: the brightness in the middle of a block.
  const pad = new OffscreenCanvas(COLUMNS * CELL, 2 * CELL).getContext("2d", { willReadFrequently: true });
  const drawnStrip = (element, width, height) => {
    pad.drawImage(element, 0, 0, width, height * STRIP, 0, 0, COLUMNS * CELL, 2 * CELL);
    const pixels = pad.getImageData(0, 0, COLUMNS * CELL, 2 * CELL).data;
    return (column, row) => {
      let sum = 0;
      for (const y of [1, 2]) {
        for (const x of [1, 2]) {
          const at = ((row * CELL + y) * COLUMNS * CELL + column * CELL + x) * 4;
          sum += pixels[at] * 0.299 + pixels[at + 1] * 0.587 + pixels[at + 2] * 0.114;
        }
      }
      return sum / 4;
    };
  };

  // Drawing a video converts its whole picture (2 to 6 ms without a GPU); copying some lines of its brightness does not.
  const planar = (format) => format === "I420" || format === "NV12" || format === "I420A";
  let lines = new Uint8Array(0);
  const copiedStrip = async (video) => {
    const frame = new VideoFrame(video);
    try {
      if (!planar(frame.format)) return null;
      const { x, y, width, height } = frame.visibleRect;
      const rect = { x, y, width: width & ~1, height: Math.ceil((height * STRIP) / 2) * 2 };
      const size = frame.allocationSize({ rect });
      if (lines.length < size) lines = new Uint8Array(size);
      const [{ offset, stride }] = await frame.copyTo(lines, { rect });
      const pixels = lines;
      return (column, row) => {
        const left = Math.floor(((column + 0.5) * width) / COLUMNS) - 1;
        const top = Math.floor(((row + 0.5) * height * STRIP) / 2) - 1;
        let sum = 0;
        for (const dy of [0, 1]) for (const dx of [0, 1]) sum += pixels[offset + (top + dy) * stride + left + dx];
        return sum / 4;
      };
    } finally {
      frame.close();
    }
  };

  const decode = (luma) => {
    const rows = [0, 1].map((row) => {
      const white = luma(0, row);
      const black = luma(COLUMNS - 1, row);
      if (white - black < 60) return null;
      let bits = 0;
      for (let column = 1; column < COLUMNS - 1; column += 1) {
        bits = (bits << 1) | (luma(column, row) > (white + black) / 2 ? 1 : 0);
      }
      return bits;
    });
    if (rows[0] === null || rows[1] === null) return null;
    const [time, counter, check] = [rows[0], rows[1] >> 8, rows[1] & 255];
    if (crc8([time >> 16, (time >> 8) & 255, time & 255, counter >> 8, counter & 255]) !== check) return null;
    return { time, counter };
  };

  // Give {time, counter} as painted in the element's picture, or null when it shows no valid code.
  const read = async (element) => {
    const width = element.videoWidth ?? element.naturalWidth ?? element.width;
    const height = element.videoHeight ?? element.naturalHeight ?? element.height;
    if (!width || !height) return null;
    const copied = element instanceof HTMLVideoElement && element.readyState >= 2 ? await copiedStrip(element) : null;
    return decode(copied ?? drawnStrip(element, width, height));
  };
  const latency = (now, time) => {
    const age = (((Math.round(now * 4) - time) % 2 ** 24) + 2 ** 24) % 2 ** 24;
    return (age > 2 ** 23 ? age - 2 ** 24 : age) / 4;
  };

  class Meter {
    constructor(element) {
      this.element = element;
      this.clear();
      this.last = -1;
      this.running = true;
      this.looking = false;
      this.waiting = [];
      const onFrame = () => {
        if (!this.running) return;
        requestAnimationFrame(onFrame);
        if (!this.looking) this.look().finally(() => { this.looking = false; });
      };
      requestAnimationFrame(onFrame);
    }

    async look() {
      this.looking = true;
      const now = epochNow(); // when the picture shows, whatever reading it takes
      const before = performance.now();
      const code = await read(this.element);
      this.costMs += performance.now() - before;
      this.looks += 1;
      if (code === null) this.unreadable += 1;
      else if (code.counter !== this.last) {
        this.last = code.counter;
        this.series.push([now, latency(now, code.time), code.counter]);
        for (const resolve of this.waiting.splice(0)) resolve(now);
      }
    }

    clear() {
      [this.series, this.looks, this.unreadable, this.costMs] = [[], 0, 0, 0];
    }

    // Give what was recorded since the last `take`, and forget it.
    take() {
      const { series, looks, unreadable, costMs } = this;
      const size = [this.element.videoWidth ?? this.element.width, this.element.videoHeight ?? this.element.height];
      this.clear();
      return { series, looks, unreadable, read_ms: looks ? costMs / looks : 0, size };
    }

    // Resolves with the time (ms since 1970) at which the next new frame shows.
    next() {
      return new Promise((resolve) => this.waiting.push(resolve));
    }
  }

  // Resolves with the time (ms since 1970) at which a picture with a code first shows in any element of the selector.
  const first = (selector, root = document) =>
    new Promise((resolve, reject) => {
      const look = async () => {
        const now = epochNow();
        for (const element of root.querySelectorAll(selector)) {
          if (await read(element)) return resolve(now);
        }
        requestAnimationFrame(() => look().catch(reject));
      };
      look().catch(reject);
    });

  // Floor: encode, decode and draw within the page; gives the canvas that shows the result, and a function to stop it.

  const floor = async ({ width, height, fps, bitrate, codec }) => {
    const stream = await devices.getUserMedia({ video: { width, height, frameRate: fps } });
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    document.body.append(canvas);
    const context = canvas.getContext("2d", { alpha: false, desynchronized: true });
    const fail = (error) => { throw error; };
    const decoder = new VideoDecoder({
      output: (frame) => { context.drawImage(frame, 0, 0); frame.close(); }, error: fail,
    });
    const encoder = new VideoEncoder({
      output: (chunk, { decoderConfig }) => {
        if (decoderConfig) decoder.configure({ ...decoderConfig, optimizeForLatency: true });
        decoder.decode(chunk);
      },
      error: fail,
    });
    encoder.configure({ codec, width, height, bitrate, framerate: fps, latencyMode: "realtime", avc: { format: "annexb" } });
    const reader = new MediaStreamTrackProcessor({ track: stream.getVideoTracks()[0], maxBufferSize: 1 }).readable.getReader();
    const stop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      await reader.cancel();
      encoder.close();
      decoder.close();
      canvas.remove();
    };
    (async () => {
      for (let result; !(result = await reader.read()).done; result.value.close()) {
        if (encoder.encodeQueueSize < 2) encoder.encode(result.value);
      }
    })();
    return { canvas, stop };
  };

  const openCameras = () => cameras.filter((camera) => camera.deref()?.readyState === "live").length;
  globalThis.__barcode = { Meter, first, floor, read, epochNow, openCameras };
}
