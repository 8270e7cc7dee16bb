/** A chunk of its own: what a page needs when it first shows a test card. */
export { PatternSource } from "./pattern";
