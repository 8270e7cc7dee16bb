/** What a view says about a widget's picture: one text for each kind of thing, beside each other. */

const GAPS = "A part comes from another site, which does not allow to read it: it is marked in the picture.";

export class Remarks {
  readonly #texts = new Map<string, string>();
  readonly #changed: () => void;
  #told = "";

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get text(): string {
    return this.#told;
  }

  /** An empty text takes the remark away. */
  set(kind: "failed" | "gaps" | "sight" | "size", text: string): void {
    this.#texts.set(kind, text);
    this.#tell();
  }

  gaps(some: boolean): void {
    this.set("gaps", some ? GAPS : "");
  }

  /** @param longestPx The longer side of the widget, and `limitPx` that of its picture. */
  size(longestPx: number, limitPx: number): void {
    const text = `The widget is ${Math.round(longestPx)} px long: its picture is made smaller, to ${limitPx} px.`;
    this.set("size", longestPx > limitPx ? text : "");
  }

  #tell(): void {
    const text = [...this.#texts.values()].filter((each) => each !== "").join(" ");
    if (text === this.#told) return;
    this.#told = text;
    this.#changed();
  }
}
