/**
 * Lets snapdom ask us for the style sheets that concern a widget, where it would look through all of the page's, and
 * remember what it read of them; watch
 * nothing; and work for longer before it gives the page a turn.
 *
 * It has no options for that. Its version is fixed in package.json; where its text is another, the build fails.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

const RULES = join(import.meta.dirname, "src/streams/widget/concerned_rules.ts");

/** Each stands there once. */
const CHANGES: readonly (readonly [string, string])[] = [
  ["for(let f of t.styleSheets)if(!gn(f,n,r,i))return e", "for(let f of ipymediaConcernedSheets(t))if(!gn(f,n,r,i))return e"],
  // What it reads of them all, for each picture anew.
  ["e={epoch:we,...ii(t)}", "e={epoch:we,...ipymediaKept(t,ii)}"],
  // It would watch the whole page from then on. We say what changed (`invalidate`).
  ["i.observe(t.documentElement,{subtree:!0,childList:!0,characterData:!0,attributes:!0}),Je.push({o:i,env:!1,doc:t})", "i.disconnect()"],
  // With `fast: false`, ms. A turn of the page's may be a whole frame, and a scene that is drawn in it.
  ["fi=16,xc=40", "fi=35,xc=40"],
];

export const SNAPDOM_FOR_WIDGETS: Plugin = {
  name: "snapdom-for-widgets",
  setup(snapdom) {
    snapdom.onLoad({ filter: /snapdom\.mjs$/ }, async ({ path }) => {
      let text = await readFile(path, "utf8");
      for (const [theirs, ours] of CHANGES) {
        const parts = text.split(theirs);
        if (parts.length !== 2) throw new Error(`${path} has “${theirs}” ${parts.length - 1} times, not once. Look for what stands there now.`);
        text = parts.join(ours);
      }
      const wanted = `import { concernedSheets as ipymediaConcernedSheets, kept as ipymediaKept } from ${JSON.stringify(RULES)};\n`;
      return { contents: wanted + text, loader: "js" };
    });
  },
};
