import { element } from "./element";
import { icon } from "./icons";

/** A short line at the top of the picture that a click takes away: something to know, nothing to do. */
export class Remark {
  readonly element = element("div", "ipymedia-remark", { role: "status" });

  /** Shows the text in place of what stood there; an empty one hides the line. */
  show(text: string): void {
    if (text === "") {
      this.element.replaceChildren();
      return;
    }
    const close = element("button", "ipymedia-remark-close", { type: "button", "aria-label": "Dismiss", title: "Dismiss" }, [
      icon("close"),
    ]);
    close.addEventListener("click", () => this.show(""));
    this.element.replaceChildren(element("span", "", {}, [text]), close);
  }
}
