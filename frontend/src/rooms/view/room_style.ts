import shared from "../../ui/style.css";
import css from "./room.css";

const installed = new WeakSet<Node>();

/**
 * Brings the chunk's style sheet into the document, or into the shadow tree that a host puts its widgets into; once each.
 * The page's own document has the shared one from the runtime.
 */
export function installRoomStyle(root: Node): void {
  if (installed.has(root)) return;
  installed.add(root);
  const style = document.createElement("style");
  style.textContent = root === document ? css : `${shared}\n${css}`;
  // By its type: a window of its own has its own classes.
  if (root.nodeType === Node.DOCUMENT_NODE) (root as Document).head.append(style);
  else if (root instanceof ShadowRoot) root.append(style);
}

/** A view is rendered before it is attached, so which tree it stands in is known only when it is laid out first. */
export function installInTree(room: HTMLElement, signal: AbortSignal): void {
  const observer = new ResizeObserver(() => {
    installRoomStyle(room.getRootNode());
    observer.disconnect();
  });
  observer.observe(room);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
