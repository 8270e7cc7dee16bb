/**
 * Whether a widget's text is in a font that the page loaded: only then its picture needs the font in it.
 *
 * To find one, snapdom loads every style sheet that the page's sheets import, for each picture anew: where one is on a
 * server that does not answer, seconds.
 */

/** Their signs are put into the picture as images. */
const ICONS = /font ?awesome|material (icons|symbols)/iu;

export function usesWebFonts(root: Element): boolean {
  const loaded = new Set<string>();
  for (const { family, status } of document.fonts) {
    if (status === "loaded" && !ICONS.test(family)) loaded.add(plain(family));
  }
  if (loaded.size === 0) return false;
  return [root, ...root.querySelectorAll("*")].some((element) => namesOf(element).some((family) => loaded.has(family)));
}

function namesOf(element: Element): string[] {
  return getComputedStyle(element).fontFamily.split(",").map(plain);
}

function plain(family: string): string {
  return family.trim().replaceAll(/^["']|["']$/gu, "").toLowerCase();
}
