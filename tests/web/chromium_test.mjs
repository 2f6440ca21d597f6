// SPDX-License-Identifier: Apache-2.0
// What only Chromium's driver has: a camera, axe at several sizes, and the demo page as its visitor uses it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { name, start } from "./browsers.mjs";
import { root } from "./server.mjs";

const kModel = "/build/models/efficientnet-lite0.onnx";
const kPage = `<!doctype html><html lang="en"><title>test</title>
<script type="module" src="/web/dist/element.js"></script>
<main><h1>test</h1>
<synsight-classifier model="${kModel}" src="/build/pictures/coffee.png" camera></synsight-classifier>
</main></html>`;

assert.equal(name, "chromium");
const started = await start({ pages: { "/": kPage } });
const { skip, browser, server } = started;
const page = started.page?.native;
after(started.stop);

/** Waits until the element in the page has classified its picture. */
const espresso = () => page.locator("synsight-classifier").getByText("espresso").waitFor();

/** The element's next result. */
const result = (page) =>
  page.evaluate(
    () =>
      new Promise((done) =>
        document
          .querySelector("synsight-classifier")
          .addEventListener("result", ({ detail }) => done(detail), { once: true }),
      ),
  );

test("axe finds nothing, at 280 pixels and wide, in light and in dark", { skip }, async () => {
  const axe = createRequire(join(root, "web/package.json")).resolve("axe-core/axe.min.js");
  await espresso();
  await page.evaluate(readFileSync(axe, "utf8"));
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [312, 1200]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      const { violations, overflow } = await page.evaluate(async () => {
        const page = document.documentElement;
        return {
          violations: (await window.axe.run("synsight-classifier")).violations,
          overflow: page.scrollWidth - page.clientWidth,
        };
      });
      const found = violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
      assert.deepEqual(found, []);
      assert.equal(overflow, 0);
    }
  }
});

test("the camera's picture is classified", { skip }, async () => {
  await espresso();
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.waitForFunction(
    () =>
      document.querySelector("synsight-classifier").shadowRoot.querySelector("video")?.videoWidth >
      0,
  );
  const told = result(page);
  await page.getByRole("button", { name: "Take the picture" }).click();
  assert.equal((await told).predictions.length, 5);
});

test("the demo page classifies with each network that is chosen", { skip }, async () => {
  const demo = (await browser.open(`${server.origin}/build/site/index.html`)).native;
  const problems = [];
  demo.on("pageerror", (error) => problems.push(error.message));
  await demo.getByRole("button", { name: "Classify a cup of coffee" }).click();
  await demo.getByText("espresso").waitFor();
  await demo.getByText(/inference \d+\.\d ms; one thread/).waitFor();
  // README's picture, which lies in assets/.
  await demo.setViewportSize({ width: 768, height: 760 });
  await demo.screenshot({ path: join(root, "build/page.png") });

  // A network that is changed classifies the picture that is there.
  const own = demo.getByLabel("An .onnx file");
  const another = [
    () => demo.getByLabel("Network").selectOption("efficientnet-lite0-int8.onnx"),
    () => own.setInputFiles(join(root, kModel)),
  ];
  for (const change of another) {
    const told = result(demo);
    await change();
    assert.equal((await told).predictions[0].label, "espresso");
  }

  // A model whose weights lie in a file of their own.
  const folder = mkdtempSync(join(tmpdir(), "synsight-"));
  const split = join(folder, "split.onnx");
  const code = `import onnx, sys
onnx.save(onnx.load(sys.argv[1]), sys.argv[2], save_as_external_data=True, location="weights.bin")`;
  execFileSync(join(root, ".venv/bin/python"), ["-c", code, join(root, kModel), split]);
  const told = result(demo);
  await own.setInputFiles([join(folder, "weights.bin"), split]);
  assert.equal((await told).predictions[0].label, "espresso");
  await own.setInputFiles(split);
  await demo.getByText('the model\'s weights are in another file, "weights.bin"').waitFor();
  rmSync(folder, { recursive: true });

  const buffer = Buffer.from("no model at all");
  await own.setInputFiles({ name: "text.onnx", mimeType: "application/octet-stream", buffer });
  await demo.getByText("looks like a text file").waitFor();
  assert.deepEqual(problems, []);
  await demo.close();
});
