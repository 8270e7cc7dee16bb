/** A chunk of its own: what a page needs when sound first crosses between it and its kernel, or has to wait for pictures. */
export { DelayedSound } from "./sound_delay";
export { SoundDownload } from "./sound_download";
export { SoundUpload } from "./sound_upload";
