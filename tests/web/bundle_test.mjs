// SPDX-License-Identifier: Apache-2.0
// A page in one file, as `synsight bundle` makes it and a double click opens it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { name, start } from "./browsers.mjs";
import { root } from "./server.mjs";

const command = promisify(execFile);
const kModels = join(root, "build/models");
const kCoffee = join(root, "build/pictures/coffee.png");
const folder = mkdtempSync(join(tmpdir(), "synsight-"));
const { skip, browser, stop } = await start({
  pages: { "/": "<!doctype html><title>test</title>" },
});
after(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

const bundle = (...args) =>
  command(process.execPath, [join(root, "web/dist/cli.js"), "bundle", ...args]);

/** The element's classes, once there are any, or what it says instead. */
const answer = (page) =>
  page.run(async () => {
    const { shadowRoot } = document.querySelector("synsight-classifier");
    const found = () => shadowRoot.querySelectorAll("[part=label], [part=error]");
    while (found().length === 0) await new Promise((done) => requestAnimationFrame(done));
    return [...found()].map(({ textContent }) => textContent);
  });

for (const [weights, megabytes] of [
  ["int8", 8],
  ["f16", 14],
]) {
  test(`${weights} weights: classifies from a file, asks for nothing`, { skip }, async () => {
    const file = join(folder, `${weights}.html`);
    const model = join(kModels, `efficientnet-lite0-${weights}.onnx`);
    const { stdout } = await bundle(model, "-o", file, "--image", kCoffee, "--title", 'A <"cup">');
    const size = statSync(file).size;
    assert.ok(size <= megabytes * 1e6, `${size} bytes`);
    assert.ok(stdout.includes(`${(size / 1e6).toFixed(1)} MB`), stdout);

    const page = await browser.open(pathToFileURL(file).href);
    assert.equal((await answer(page))[0], "espresso");
    const seen = await page.run(async () => ({
      title: document.title,
      fetched: performance.getEntriesByType("resource").map(({ name }) => name),
    }));
    assert.equal(seen.title, 'A <"cup">');
    const elsewhere = seen.fetched.filter((name) => !/^(blob|data):/.test(name));
    assert.deepEqual(elsewhere, []);
    await page.close();
  });
}

test("a model's weights in a file of their own are taken along", { skip }, async () => {
  const model = join(folder, "split.onnx");
  const code = `import onnx, sys
onnx.save(onnx.load(sys.argv[1]), sys.argv[2], save_as_external_data=True, location="weights.bin")`;
  const whole = join(kModels, "efficientnet-lite0-int8.onnx");
  await command(join(root, ".venv/bin/python"), ["-c", code, whole, model]);
  const file = join(folder, "split.html");
  await bundle(model, "-o", file, "--image", kCoffee);
  const page = await browser.open(pathToFileURL(file).href);
  assert.equal((await answer(page))[0], "espresso");
  await page.close();
});

test(
  "what cannot be bundled is told, and no file is left",
  { skip: skip || (name !== "chromium" && "no page is opened: once is enough") },
  async () => {
    const model = join(kModels, "efficientnet-lite0-int8.onnx");
    const output = join(folder, "none.html");
    const cases = [
      [[model], 2, /^error: -o PAGE\.html is missing/],
      [[model, "-o", model], 2, /^error: the page would overwrite .*int8\.onnx/],
      [[model, "-o", output, "--imagge", "x"], 2, /^error: .*--imagge/],
      [[join(root, "README.md"), "-o", output], 1, /^error: not an ONNX model/],
      [[join(folder, "none.onnx"), "-o", output], 1, /^error: .*none\.onnx/],
      [[model, "-o", output, "--image", join(root, "README.md")], 1, /^error: .*text/],
    ];
    for (const [args, code, text] of cases) {
      await assert.rejects(bundle(...args), (error) => {
        assert.equal(error.code, code);
        assert.match(error.stderr, text);
        assert.equal(error.stderr.trim().split("\n").length, 1);
        return true;
      });
    }
    assert.throws(() => readFileSync(output), { code: "ENOENT" });
  },
);

test("a page that was cut says so", { skip }, async () => {
  const file = join(folder, "cut.html");
  const whole = readFileSync(join(folder, "int8.html"), "utf8");
  writeFileSync(file, whole.replace(/<script[^>]*data-synsight="model"[^>]*>[^<]*<\/script>/, ""));
  const page = await browser.open(pathToFileURL(file).href);
  const text = await page.run(async () => {
    while (!document.body.innerText.includes("cannot start")) {
      await new Promise((done) => requestAnimationFrame(done));
    }
    return document.body.innerText;
  });
  assert.match(text, /This page cannot start: Error: the page is not whole/);
  await page.close();
});
