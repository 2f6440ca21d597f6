// SPDX-License-Identifier: Apache-2.0
// The README's examples of a page, as they stand there.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./browsers.mjs";
import { root } from "./server.mjs";

const readme = readFileSync(join(root, "README.md"), "utf8");
const [html, js] = ["html", "js"].map((language) => {
  const [, code] = readme.match(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s"));
  return code;
});
const folder = mkdtempSync(join(tmpdir(), "synsight-"));
writeFileSync(join(folder, "example.js"), `${js}\nwindow.label = predictions[0].label;\n`);

const kHead = '<!doctype html><html lang="en"><title>test</title>';
const { skip, browser, server, stop } = await start({
  pages: {
    "/": `${kHead}${html}</html>`,
    "/script": `${kHead}<img src="photo.jpg" alt="">
<script type="module" src="example.js"></script></html>`,
  },
  folders: {
    "/dist/": join(root, "web/dist"),
    "/efficientnet-lite0.onnx": join(root, "build/models/efficientnet-lite0.onnx"),
    "/photo.jpg": join(root, "build/pictures/rocket.jpg"),
    "/example.js": join(folder, "example.js"),
  },
});
after(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

/** What a page says in the end: what `find` gives there, once it gives something. */
async function read(path, find) {
  const page = await browser.open(server.origin + path);
  const text = await page.run(async (find) => {
    const end = performance.now() + 60_000;
    for (;;) {
      const found =
        window[find] ??
        document.querySelector("synsight-classifier")?.shadowRoot?.querySelector(find)?.textContent;
      if (found || performance.now() > end) return found ?? "nothing came";
      await new Promise((done) => requestAnimationFrame(done));
    }
  }, find);
  await page.close();
  return text;
}

test("three lines classify a picture", { skip }, async () => {
  assert.match(await read("/", "[part=label]"), /missile/);
});

test("and so does the script without the element", { skip }, async () => {
  assert.match(await read("/script", "label"), /missile/);
});
