import css from "./style.css";

const installed = new WeakSet<Document | ShadowRoot>();

/** Brings the style sheet into the document, or into the shadow tree that a host puts its widgets into; once each. */
export function installStyle(root: Node): void {
  if (!(root instanceof Document || root instanceof ShadowRoot) || installed.has(root)) return;
  installed.add(root);
  const style = document.createElement("style");
  style.textContent = css;
  (root instanceof Document ? root.head : root).append(style);
}
