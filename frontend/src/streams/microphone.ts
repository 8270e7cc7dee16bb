import { CameraSource } from "./camera";
import { isRecord } from "./record";

/** The microphone of this page alone: a camera whose picture nobody asked for. */
export class MicrophoneSource extends CameraSource {
  constructor(options: unknown) {
    super(cameraOptions(options));
  }

  override async update(options: unknown): Promise<MediaStream> {
    return super.update(cameraOptions(options));
  }
}

function cameraOptions(options: unknown): unknown {
  const given = isRecord(options) ? options : {};
  return { constraints: { audio: given["constraints"] ?? true, video: false }, microphone: given["device"] };
}
