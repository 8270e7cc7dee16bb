/**
 * The web fonts that a widget is written in, as style rules that hold the fonts themselves: an SVG image loads nothing.
 *
 * Of the faces that the page's style sheets declare only those count that the page has loaded, as only they are seen.
 * snapdom's own embedding would fetch every face of a family one after the other, in all its formats, used or not.
 */
import { rulesOf } from "./concerned_rules";

/** Their signs are put into the raster as images. */
const ICONS = /font ?awesome|material (icons|symbols)/iu;

/** What was fetched, as `data:` addresses; empty where it could not be had. */
const FETCHED = new Map<string, Promise<string>>();
/** The page has it, so it is near; a server that does not answer must not hold the picture up. */
const PATIENCE_MS = 3000;

/** Resolves with `@font-face` rules; with nothing where the widget is written in the system's fonts. */
export async function fontRules(root: HTMLElement): Promise<string> {
  const { fonts } = root.ownerDocument;
  const loaded = [...fonts].filter(({ status, family }) => status === "loaded" && !ICONS.test(family));
  if (loaded.length === 0) return "";
  const used = familiesOf(root);
  const seen = loaded.filter(({ family }) => used.has(plain(family)));
  if (seen.length === 0) return "";
  const keys = new Set(seen.map(keyOf));
  const rules = rulesOf(root.ownerDocument).filter((rule) => rule instanceof CSSFontFaceRule);
  const embedded = await Promise.all(rules.filter((rule) => keys.has(keyOf(declared(rule)))).map(embed));
  return embedded.join("");
}

interface Face {
  readonly family: string;
  readonly weight: string;
  readonly style: string;
  readonly unicodeRange: string;
}

function declared({ style }: CSSFontFaceRule): Face {
  const of = (name: string): string => style.getPropertyValue(name);
  return { family: of("font-family"), weight: of("font-weight"), style: of("font-style"), unicodeRange: of("unicode-range") };
}

/** A face as the page knows it and its rule say the same in different words. */
function keyOf({ family, weight, style, unicodeRange }: Face): string {
  const range = unicodeRange.replaceAll(/\s/gu, "").toUpperCase();
  return [plain(family), WEIGHTS.get(weight) ?? weight, style || "normal", range === "" ? "U+0-10FFFF" : range].join("/");
}

const WEIGHTS = new Map([["", "400"], ["normal", "400"], ["bold", "700"]]);

async function embed(rule: CSSFontFaceRule): Promise<string> {
  const base = rule.parentStyleSheet?.href ?? document.baseURI;
  // The first that this browser reads is the one that it loaded; the formats that follow are for others.
  const sources = rule.style.getPropertyValue("src").matchAll(/url\((["']?)(.*?)\1\)(?:\s*format\((["']?)(.*?)\3\))?/gu);
  for (const [, , address = "", , format = "woff"] of sources) {
    if (!READ.test(format)) continue;
    const data = address.startsWith("data:") ? address : await fetched(new URL(address, base).href);
    if (data === "") continue;
    const kept = DESCRIPTORS.map((name) => [name, rule.style.getPropertyValue(name)] as const).filter(([, value]) => value !== "");
    return `@font-face{src:url("${data}");${kept.map(([name, value]) => `${name}:${value}`).join(";")}}`;
  }
  return "";
}

const READ = /^(woff2?|truetype|opentype)/u;
const DESCRIPTORS = ["font-family", "font-weight", "font-style", "font-stretch", "font-variation-settings", "unicode-range"];

async function fetched(address: string): Promise<string> {
  const known = FETCHED.get(address) ?? fetchData(address);
  FETCHED.set(address, known);
  return known;
}

async function fetchData(address: string): Promise<string> {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return response.ok ? await dataOf(await response.blob()) : "";
  } catch {
    return ""; // its text is drawn in the next font of its list, as where the page itself has no answer
  }
}

async function dataOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(typeof reader.result === "string" ? reader.result : "");
    reader.onerror = () => reject(reader.error ?? new Error("It can't be read."));
    reader.readAsDataURL(blob);
  });
}

/** The families of what can be seen. */
function familiesOf(root: HTMLElement): ReadonlySet<string> {
  const lists = new Set<string>();
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (!element.checkVisibility()) continue;
    lists.add(getComputedStyle(element).fontFamily);
    for (const part of ["::before", "::after"]) lists.add(getComputedStyle(element, part).fontFamily);
  }
  return new Set([...lists].flatMap((list) => list.split(",").map(plain)));
}

function plain(family: string): string {
  return family.trim().replaceAll(/["']/gu, "").toLowerCase();
}
