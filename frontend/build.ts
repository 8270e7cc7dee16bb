/**
 * Bundles the browser half into the Python package: `node build.ts`.
 *
 * The stub must know which runtime it belongs to, and the runtime under which key to stand in the page, before either
 * has run. So both sources hold the literal `__IPYMEDIA_BUNDLE__`, and the build puts the first 16 hex digits of the
 * SHA-256 of the code (as built with the placeholder still in it) in its place.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";
import { build, transform } from "esbuild";
import { SNAPDOM_FOR_WIDGETS } from "./snapdom_plugin.ts";

interface Entry {
  readonly source: string;
  /** Relative to `static/`. What is large and rare goes to `chunks/`. */
  readonly output: string;
  /** The build fails above it: the bundle crosses the user's connection. */
  readonly maxBytes: number;
  /** Whether the bundle's hash covers it. The stub carries the hash of what it waits for, not its own. */
  readonly hashed: boolean;
}

const ENTRIES: readonly Entry[] = [
  { source: "src/index.ts", output: "runtime.js", maxBytes: 120_000, hashed: true },
  { source: "src/recorders/index.ts", output: "chunks/recorders.js", maxBytes: 300_000, hashed: true },
  { source: "src/streams/files.ts", output: "chunks/files.js", maxBytes: 300_000, hashed: true },
  { source: "src/streams/widgets.ts", output: "chunks/widgets.js", maxBytes: 300_000, hashed: true },
  { source: "src/streams/test_cards.ts", output: "chunks/test_cards.js", maxBytes: 300_000, hashed: true },
  { source: "src/frames/sound_chunk.ts", output: "chunks/sound.js", maxBytes: 300_000, hashed: true },
  { source: "src/rooms/index.ts", output: "chunks/rooms.js", maxBytes: 300_000, hashed: true },
  { source: "src/stub.ts", output: "stub.js", maxBytes: 2_000, hashed: false },
];

const PLACEHOLDER = "__IPYMEDIA_BUNDLE__";
const FRONTEND = import.meta.dirname;
const STATIC = join(FRONTEND, "../src/ipymedia/static");

/** Style sheets as text; esbuild's own `text` loader takes them with all their spaces. */
const MINIFIED_CSS: Plugin = {
  name: "minified-css",
  setup(css) {
    css.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: "es2022" });
      return { contents: code, loader: "text" };
    });
  },
};

async function bundle(entry: Entry): Promise<string> {
  const result = await build({
    absWorkingDir: FRONTEND,
    entryPoints: [entry.source],
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    charset: "utf8",
    legalComments: "eof",
    loader: { ".svg": "text" },
    plugins: [MINIFIED_CSS, SNAPDOM_FOR_WIDGETS],
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`esbuild made nothing of ${entry.source}.`);
  return output.text;
}

function hashOf(texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text);
  return hash.digest("hex").slice(0, 16);
}

const built = await Promise.all(ENTRIES.map(async (entry) => ({ entry, text: await bundle(entry) })));
const hash = hashOf(built.filter(({ entry }) => entry.hashed).map(({ text }) => text));

// A file that an earlier build left must not reach a wheel.
await rm(STATIC, { recursive: true, force: true });
for (const { entry, text } of built) {
  const final = text.replaceAll(PLACEHOLDER, hash);
  const bytes = Buffer.byteLength(final);
  if (!entry.output.startsWith("chunks/") && final === text) {
    throw new Error(`${entry.source} must hold the literal ${PLACEHOLDER}: without it stub and runtime cannot meet.`);
  }
  if (bytes > entry.maxBytes) {
    throw new Error(
      `${entry.output} has ${bytes} bytes, ${entry.maxBytes} are allowed. Move what is rarely used to a chunk.`,
    );
  }
  const target = join(STATIC, entry.output);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, final);
  process.stdout.write(`${entry.output}  ${bytes} bytes  bundle ${hash}\n`);
}
