/** A chunk of its own: what a page needs when it first plays a file. */
export { ImageSource } from "./image";
export { PlayedSource } from "./played";
