/** Background images of other sites that no page may read: they are marked in the raster, as images and frames are. */
import { gapImage } from "./gaps";

/** Whether what is at an address may be read. */
const READABLE = new Map<string, Promise<boolean>>();
/** A site that does not answer for so long is not waited for. */
const PATIENCE_MS = 3000;

/** The elements whose background can't be in the raster. */
export async function unreadableBackgrounds(root: HTMLElement): Promise<readonly Element[]> {
  const asked = [root, ...root.querySelectorAll("*")].map(async (element) => {
    const addresses = foreignAddresses(getComputedStyle(element).backgroundImage);
    const answers = await Promise.all(addresses.map(isReadable));
    return answers.includes(false) ? [element] : [];
  });
  return (await Promise.all(asked)).flat();
}

/** The stripes in place of a background. */
export function markBackground({ offsetWidth, offsetHeight }: HTMLElement, clone: HTMLElement): void {
  clone.style.setProperty("background-image", `url("${gapImage(offsetWidth, offsetHeight)}")`, "important");
}

function foreignAddresses(backgroundImage: string): readonly string[] {
  if (!backgroundImage.includes("url(")) return [];
  return [...backgroundImage.matchAll(/url\("(.*?)"\)/gu)].flatMap(([, address = ""]) => {
    const { href, origin, protocol } = new URL(address, document.baseURI);
    return protocol.startsWith("http") && origin !== location.origin ? [href] : [];
  });
}

async function isReadable(address: string): Promise<boolean> {
  const known = READABLE.get(address) ?? ask(address);
  READABLE.set(address, known);
  return known;
}

async function ask(address: string): Promise<boolean> {
  try {
    const response = await fetch(address, { credentials: "omit", signal: AbortSignal.timeout(PATIENCE_MS) });
    await response.body?.cancel();
    return true; // whatever it is; where there is nothing, the page shows nothing either
  } catch {
    return false;
  }
}
