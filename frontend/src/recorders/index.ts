/** A chunk of its own: what a page needs when it first has a recorder. */
export { renderRecorder } from "../ui/recorder_view";
export { RecorderLive } from "./recorder";
