// SPDX-License-Identifier: Apache-2.0
// <synsight-classifier> in a real Chromium.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, skip, start } from "./chromium.mjs";

const kModel = "/build/models/efficientnet-lite0.onnx";
const kPage = `<!doctype html><html lang="en"><title>test</title>
<script type="module" src="/web/dist/element.js"></script><main><h1>test</h1></main></html>`;

let chromium;
let page;

before(async () => {
  if (skip) return;
  chromium = await start({ "/": kPage });
  page = await chromium.browser.newPage();
  await page.goto(`${chromium.origin}/`);
  await page.evaluate(() => customElements.whenDefined("synsight-classifier"));
});

after(() => chromium?.stop());

/** Puts an element into the page and waits for one of its events; gives the event's detail. */
const elementEvent = (attributes, event) =>
  page.evaluate(
    ([attributes, event]) => {
      const element = document.createElement("synsight-classifier");
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      window.element = element;
      window.next = (name) =>
        new Promise((done) => {
          const tell = ({ detail }) => {
            const isError = detail instanceof Error;
            done(isError ? { code: detail.code, message: detail.message } : detail);
          };
          element.addEventListener(name, tell, { once: true });
        });
      const told = window.next(event);
      document.querySelector("main").replaceChildren(element);
      return told;
    },
    [attributes, event],
  );

/** What the element shows. */
const shown = () =>
  page.evaluate(async () => {
    await window.element.updateComplete;
    return window.element.shadowRoot.querySelector("[aria-live]").innerText;
  });

test("the picture of src is classified, and its classes are shown", { skip }, async () => {
  const result = await elementEvent(
    { model: kModel, src: "/build/pictures/coffee.png", top: "3" },
    "result",
  );
  assert.equal(result.predictions.length, 3);
  assert.equal(result.predictions[0].label, "espresso");
  assert.match(await shown(), /espresso\s+\d+\.\d %/);
});

test("a model's loading is told", { skip }, async () => {
  const progress = await elementEvent({ model: kModel }, "progress");
  assert.ok(progress.loaded > 0);
  const info = await elementEvent({ model: kModel }, "ready");
  assert.equal(info.numClasses, 1000);
  assert.match(await shown(), /Ready/);
});

test("a dropped and a chosen picture are classified", { skip }, async () => {
  await elementEvent({ model: kModel }, "ready");
  const dropped = await page.evaluate(async () => {
    const bytes = await (await fetch("/build/pictures/coffee.png")).blob();
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], "coffee.png"));
    const told = window.next("result");
    const drop = new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true });
    window.element.shadowRoot.querySelector(".picture").dispatchEvent(drop);
    return told;
  });
  assert.equal(dropped.predictions[0].label, "espresso");

  const told = page.evaluate(() => window.next("result"));
  const buffer = readFileSync(join(root, "build/pictures/coffee.png"));
  await page
    .locator("synsight-classifier input[type=file]")
    .setInputFiles({ name: "coffee.png", mimeType: "image/png", buffer });
  assert.deepEqual((await told).predictions, dropped.predictions);
});

test("the camera's picture is classified", { skip }, async () => {
  await elementEvent({ model: kModel, camera: "" }, "ready");
  await page.getByRole("button", { name: "Use the camera" }).click();
  await page.waitForFunction(
    () => window.element.shadowRoot.querySelector("video")?.videoWidth > 0,
  );
  const told = page.evaluate(() => window.next("result"));
  await page.getByRole("button", { name: "Take the picture" }).click();
  assert.equal((await told).predictions.length, 5);
});

test("errors are shown in one line, and told", { skip }, async () => {
  const missing = await elementEvent({ model: "/build/models/none.onnx" }, "error");
  assert.equal(missing.code, "io");
  assert.match(await shown(), /none\.onnx.*404/);
  const wrong = await elementEvent({ model: "/build/pictures/cat.png" }, "error");
  assert.equal(wrong.code, "invalid_model");
  const picture = await elementEvent({ model: kModel, src: "/README.md" }, "error");
  assert.equal(picture.code, "invalid_image");
  assert.equal((await shown()).trim().split("\n").length, 1);
});

test("elements that name one model share it", { skip }, async () => {
  const numBefore = chromium.requests.length;
  const labels = await page.evaluate((model) => {
    const main = document.querySelector("main");
    main.replaceChildren();
    const results = ["coffee.png", "cat.png", "rocket.jpg"].map((name) => {
      const element = document.createElement("synsight-classifier");
      element.setAttribute("model", `${model}?shared`);
      element.setAttribute("src", `/build/pictures/${name}`);
      return new Promise((done) => {
        element.addEventListener("result", ({ detail }) => done(detail.predictions[0].label));
        main.append(element);
      });
    });
    return Promise.all(results);
  }, kModel);
  assert.equal(labels.length, 3);
  assert.equal(labels[0], "espresso");
  const requests = chromium.requests.slice(numBefore);
  assert.equal(requests.filter((path) => path === kModel).length, 1);
});

test("axe finds nothing, at 280 pixels and wide, in light and in dark", { skip }, async () => {
  const axe = createRequire(join(root, "web/package.json")).resolve("axe-core/axe.min.js");
  await elementEvent({ model: kModel, src: "/build/pictures/coffee.png", camera: "" }, "result");
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

test("the demo page classifies its samples and a model of the visitor's", { skip }, async () => {
  const demo = await chromium.browser.newPage();
  const problems = [];
  demo.on("pageerror", (error) => problems.push(error.message));
  await demo.goto(`${chromium.origin}/build/site/index.html`);
  await demo.getByRole("button", { name: "Classify a cup of coffee" }).click();
  await demo.getByText("espresso").waitFor();
  await demo.getByText(/inference \d+\.\d ms; one thread/).waitFor();
  await demo.getByLabel("An .onnx file:").setInputFiles(join(root, kModel));
  await demo.getByText("1000 classes, WebAssembly").waitFor();
  await demo.getByRole("button", { name: "Classify a cup of coffee" }).click();
  await demo.getByText(/inference \d+\.\d ms; one thread/).waitFor();
  await demo.getByLabel("An .onnx file:").setInputFiles(join(root, "README.md"));
  await demo.getByText("looks like a text file").waitFor();
  assert.deepEqual(problems, []);
  await demo.close();
});
