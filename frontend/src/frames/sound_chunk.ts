/** A chunk of its own: what a page needs when sound first crosses between it and its kernel. */
export { SoundDownload } from "./sound_download";
export { SoundUpload } from "./sound_upload";
