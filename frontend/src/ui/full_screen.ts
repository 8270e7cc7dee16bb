/** In a shadow tree the document names the host, the tree itself names the element. */
export function isFullscreen(shown: HTMLElement): boolean {
  const root = shown.getRootNode();
  return root instanceof Document || root instanceof ShadowRoot ? root.fullscreenElement === shown : false;
}

/** Rejects where the browser, or the host of the notebook, does not allow it. */
export async function toggleFullscreen(shown: HTMLElement): Promise<void> {
  if (isFullscreen(shown)) await document.exitFullscreen();
  else await shown.requestFullscreen();
}
