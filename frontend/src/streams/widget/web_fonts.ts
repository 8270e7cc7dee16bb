/** Whether a widget is written in fonts that the page loaded: only then they are put into its raster, which takes its time. */

/** Their signs are put into it as images. */
const ICONS = /font ?awesome|material (icons|symbols)/iu;

/**
 * To find a font, snapdom loads what the page's style sheets import, for each picture anew: where a server does not answer,
 * that takes seconds.
 *
 * Looks at what can be seen only: snapdom would embed the fonts of closed menus too.
 */
export function hasWebFonts(root: HTMLElement): boolean {
  const loaded = new Set([...root.ownerDocument.fonts].flatMap(({ family }) => (ICONS.test(family) ? [] : [plain(family)])));
  if (loaded.size === 0) return false;
  const known = new Map<string, boolean>();
  const isLoaded = ({ fontFamily }: CSSStyleDeclaration): boolean => {
    let answer = known.get(fontFamily);
    if (answer === undefined) {
      answer = fontFamily.split(",").some((family) => loaded.has(plain(family)));
      known.set(fontFamily, answer);
    }
    return answer;
  };
  return [root, ...root.querySelectorAll("*")].some(
    (element) =>
      element.checkVisibility() &&
      (isLoaded(getComputedStyle(element)) || ["::before", "::after"].some((part) => isLoaded(getComputedStyle(element, part)))),
  );
}

function plain(family: string): string {
  return family.trim().replaceAll(/["']/gu, "").toLowerCase();
}
