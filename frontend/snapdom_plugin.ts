/**
 * Lets snapdom ask us for the style sheets that concern a widget, where it would look through all of the page's.
 *
 * It has no option for that. Its version is fixed in package.json; where its text is another, the build fails.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";

const RULES = join(import.meta.dirname, "src/streams/widget/concerned_rules.ts");
const THEIRS = "for(let f of t.styleSheets)if(!gn(f,n,r,i))return e";
const OURS = "for(let f of ipymediaConcernedSheets(t))if(!gn(f,n,r,i))return e";

export const SNAPDOM_WITH_OUR_SHEETS: Plugin = {
  name: "snapdom-with-our-sheets",
  setup(snapdom) {
    snapdom.onLoad({ filter: /snapdom\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const parts = text.split(THEIRS);
      if (parts.length !== 2) throw new Error(`${path} reads the style sheets at another place. Look for \`.styleSheets\` in it.`);
      const wanted = `import { concernedSheets as ipymediaConcernedSheets } from ${JSON.stringify(RULES)};\n`;
      return { contents: wanted + parts.join(OURS), loader: "js" };
    });
  },
};
