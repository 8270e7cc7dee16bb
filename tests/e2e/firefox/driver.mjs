// Drives Firefox over WebDriver BiDi for `browser.py`: one JSON request a line on stdin, one JSON answer a line on stdout.
// Started as: node driver.mjs PUPPETEER_MODULE FIREFOX, since puppeteer-core is installed in another folder.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [, , module, executablePath] = process.argv;
const { default: puppeteer } = await import(pathToFileURL(module).href);

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath,
  headless: true,
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true, // a camera and a microphone of Firefox's own
    "media.navigator.permission.disabled": true, // no prompt: nobody is there to answer it
    "media.autoplay.default": 0,
    "app.update.enabled": false,
  },
});
const pages = new Map();
let opened = 0;

// `source` is a function's source text, as Playwright's `evaluate` takes it.
const call = (source, argument) => `(${source}\n)(${JSON.stringify(argument) ?? ""})`;

const commands = {
  async open({ width, height }) {
    const page = await browser.newPage();
    await page.setViewport({ width, height });
    const said = [];
    page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => said.push(`uncaught: ${error.message}\n${error.stack ?? ""}`));
    page.on("dialog", (dialog) => void dialog.accept());
    opened += 1;
    pages.set(opened, { page, said });
    return opened;
  },
  goto: async ({ page, url }) => void (await page.goto(url, { waitUntil: "domcontentloaded", timeout: 60_000 })),
  evaluate: ({ page, source, argument }) => page.evaluate(call(source, argument)),
  waitForFunction: async ({ page, source, argument, timeout }) =>
    void (await page.waitForFunction(call(source, argument), { timeout, polling: 100 })),
  screenshot: async ({ page, path }) => void (await page.screenshot({ path })),
  said: ({ said }) => said,
  close: ({ page }) => page.close(),
  version: () => browser.version(),
};

const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
answer({ value: "ready" });
for await (const line of createInterface({ input: process.stdin })) {
  const { command, tab, ...rest } = JSON.parse(line);
  try {
    answer({ value: (await commands[command]({ ...rest, ...pages.get(tab) })) ?? null });
  } catch (error) {
    answer({ error: `${command}: ${error.message}` });
  }
}
await browser.close();
