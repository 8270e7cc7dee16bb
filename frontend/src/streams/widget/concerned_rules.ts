/**
 * The rules of the page's style sheets that may concern the widgets which are being rasterised.
 *
 * snapdom looks through all rules of a page for each picture, and holds each element against all selectors with
 * `::before`. JupyterLab has ten thousand rules, of which a widget meets a few hundred. The build lets snapdom ask here
 * instead (`snapdom_plugin.ts`).
 *
 * A rule may concern a widget where the last part of one of its selectors names nothing, or a class, an id or a tag that
 * the widget, what is in it, or what holds it has.
 */

import { afterThisTask } from "./timing";

export interface Rules {
  readonly cssRules: ArrayLike<CSSRule | Rules>;
}

/** A rule, or a group of them, and what it waits for: null where it may concern anybody. */
interface Known {
  readonly rule: CSSRule;
  readonly names: readonly string[] | null;
  /** Of a group (`@media`, `@layer`). */
  readonly inner: readonly Known[] | null;
}

const ROOTS = new Map<Element, number>();
const KNOWN = new WeakMap<CSSStyleSheet, readonly Known[]>();

/** What was selected last, by which names: most changes of a widget bring no new ones. */
let selected: { readonly names: ReadonlySet<string>; readonly sheets: readonly Rules[] } | null = null;

/** How long the page is kept from its own work. */
const SLICE_MS = 30;

/** Reads the page's style sheets, a part of them at a time: the first time takes a tenth of a second in JupyterLab. */
async function readRules(document: Document): Promise<void> {
  let beganMs = performance.now();
  for (const sheet of document.styleSheets) {
    if (knownRules(sheet).changed) selected = null;
    if (performance.now() - beganMs < SLICE_MS) continue;
    await new Promise<void>((resolve) => afterThisTask(resolve));
    beganMs = performance.now();
  }
}

/** The page's rules, those within groups too. */
export function rulesOf({ styleSheets }: DocumentOrShadowRoot): readonly CSSRule[] {
  const flat = (known: readonly Known[]): readonly CSSRule[] => known.flatMap(({ rule, inner }) => (inner === null ? [rule] : flat(inner)));
  return Array.from(styleSheets).flatMap((sheet) => flat(knownRules(sheet).rules ?? []));
}

/** While the task runs, the rules that may concern the root are among those that are given. */
export async function whileConcerned<Result>(root: Element, task: () => Promise<Result>): Promise<Result> {
  await readRules(root.ownerDocument);
  count(root, 1);
  try {
    return await task();
  } finally {
    count(root, -1);
  }
}

function count(root: Element, by: 1 | -1): void {
  const tasks = (ROOTS.get(root) ?? 0) + by;
  if (tasks === 0) ROOTS.delete(root);
  else ROOTS.set(root, tasks);
}

/** The text of the rules that may concern the root: a page's style sheets change more often than that. null where some may not be read. */
export function concernedText(root: Element): string | null {
  const { ownerDocument } = root;
  for (const sheet of ownerDocument.styleSheets) if (knownRules(sheet).changed) selected = null;
  count(root, 1);
  try {
    return textOf(concernedSheets(ownerDocument));
  } finally {
    count(root, -1);
  }
}

/** In place of `styleSheets`: each sheet with those of its rules that may concern what is being rasterised. */
export function concernedSheets({ styleSheets }: DocumentOrShadowRoot): readonly Rules[] {
  const names = namesOf(ROOTS.keys());
  if (selected?.sheets.length !== styleSheets.length || !isWithin(names, selected.names)) {
    const sheets = Array.from(styleSheets, (sheet) => {
      const { rules } = knownRules(sheet);
      return rules === null ? sheet : { cssRules: select(rules, names) }; // another site's: whoever reads it gets the error
    });
    selected = { names, sheets };
  }
  return selected.sheets;
}

/** What was made of the rules that were selected last, and their text. */
let made: { readonly sheets: readonly Rules[]; readonly text: string; readonly result: unknown } | null = null;

/** What `read` makes of the document's style sheets; what it made before, where they are the same, word by word. */
export function kept<Result>(document: Document, read: (document: Document) => Result): Result {
  const sheets = concernedSheets(document);
  const text = textOf(sheets);
  if (text === null) return read(document);
  const all = [text, ...document.adoptedStyleSheets.map(textOfRules), animatedIn(document)].join("\n");
  if (made?.sheets !== sheets || made.text !== all) made = { sheets, text: all, result: read(document) };
  return made.result as Result;
}

/** The properties that move: they count as if a rule named them. */
function animatedIn(document: Document): string {
  const names = document.getAnimations().flatMap(({ effect }) => (effect instanceof KeyframeEffect ? effect.getKeyframes().flatMap(Object.keys) : []));
  return [...new Set(names)].sort().join();
}

/** null where some may not be read. */
function textOf(sheets: readonly Rules[]): string | null {
  if (sheets.some((sheet) => sheet instanceof CSSStyleSheet)) return null;
  return sheets.flatMap((sheet) => textOfRules(sheet) || []).join("\n");
}

function textOfRules({ cssRules }: Rules): string {
  return Array.from(cssRules, (rule) => (rule instanceof CSSRule ? rule.cssText : textOfRules(rule))).join("\n");
}

function isWithin(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size <= all.size && [...some].every((name) => all.has(name));
}

function select(rules: readonly Known[], names: ReadonlySet<string>): (CSSRule | Rules)[] {
  return rules.flatMap(({ rule, names: waits, inner }): (CSSRule | Rules)[] => {
    if (inner === null) return waits === null || waits.some((name) => names.has(name)) ? [rule] : [];
    const left = select(inner, names);
    // The group's own kind is asked for by its constructor's name.
    return left.length > 0 ? [Object.assign({ cssRules: left }, { constructor: rule.constructor })] : [];
  });
}

/** `rules` are null where they may not be read. */
function knownRules(sheet: CSSStyleSheet): { readonly rules: readonly Known[] | null; readonly changed: boolean } {
  let rules: CSSRuleList;
  try {
    rules = sheet.cssRules;
  } catch {
    return { rules: null, changed: false };
  }
  const known = KNOWN.get(sheet);
  if (known !== undefined && areStill(known, rules)) return { rules: known, changed: false };
  const read = Array.from(rules, know);
  KNOWN.set(sheet, read);
  return { rules: read, changed: true };
}

/** Libraries put rules in one by one, and take them out; a selector is hardly ever set anew. */
function areStill(known: readonly Known[], rules: CSSRuleList): boolean {
  return (
    known.length === rules.length &&
    known.every(({ rule, inner }, at) => rule === rules[at] && (inner === null || areStill(inner, (rule as CSSGroupingRule).cssRules)))
  );
}

function know(rule: CSSRule): Known {
  if (rule instanceof CSSStyleRule) {
    // JupyterLab's themes: a thousand variables, whose values others have computed.
    if (rule.selectorText === ":root" && Array.from(rule.style).every((name) => name.startsWith("--"))) return { rule, names: [], inner: null };
    const nested = "cssRules" in rule && rule.cssRules.length > 0;
    return { rule, names: nested ? null : waitedFor(rule.selectorText), inner: null };
  }
  const inner = rule instanceof CSSGroupingRule ? Array.from(rule.cssRules, know) : null;
  return { rule, names: null, inner };
}

/** What an element must have for one of the selectors to fit; null where that cannot be told. */
export function waitedFor(selectors: string): readonly string[] | null {
  if (UNTOLD.some((sign) => selectors.includes(sign))) return null;
  const names: string[] = [];
  for (const selector of withoutBrackets(selectors).split(",")) {
    const [name] = NAMED.exec(selector) ?? TAG.exec(selector) ?? [];
    if (name === undefined) return null;
    names.push(/^[.#]/u.test(name) ? name : name.toLowerCase());
  }
  return names;
}

/** Escapes, nesting, namespaces, and what reaches into another tree. */
const UNTOLD = ["\\", "&", "|", ":host", "::slotted"];
/** A class or an id, and a tag, in the part after the last combinator. */
const NAMED = /[.#][\w\u0080-\uFFFF-]+(?=[^\s>+~]*\s*$)/u;
const TAG = /(?<![^\s>+~])[a-z][\w-]*(?=[^\s>+~]*\s*$)/iu;

/** What stands in brackets narrows a selector, and never widens it. */
function withoutBrackets(selectors: string): string {
  if (!/["'([]/u.test(selectors)) return selectors;
  let plain = selectors.replaceAll(/"[^"]*"|'[^']*'/gu, "");
  for (let before = ""; before !== plain; ) {
    before = plain;
    plain = plain.replaceAll(/\([^()]*\)|\[[^[\]]*\]/gu, "");
  }
  return plain;
}

function namesOf(roots: Iterable<Element>): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (element: Element): void => {
    names.add(element.localName.toLowerCase());
    if (element.id !== "") names.add(`#${element.id}`);
    for (const name of element.classList) names.add(`.${name}`);
  };
  for (const root of roots) {
    for (let at: Element | null = root; at !== null; at = at.parentElement) add(at);
    for (const element of root.querySelectorAll("*")) add(element);
  }
  return names;
}
