// SPDX-License-Identifier: Apache-2.0
// The package in a real Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root, skip, start } from "./chromium.mjs";

const program = join(root, "build/release/bin/synsight");
const build = process.env.SYNSIGHT_BUILD;

let chromium;
let page;

before(async () => {
  if (skip) return;
  chromium = await start({ "/": "<!doctype html><title>test</title>" });
  page = await chromium.browser.newPage();
  await page.goto(`${chromium.origin}/`);
});

after(() => chromium?.stop());

test(
  "a photograph gets the classes that the command line gives it, from a URL, a file and an element",
  { skip },
  async () => {
    for (const name of readdirSync(join(root, "build/pictures"))) {
      const picture = join(root, "build/pictures", name);
      const line = execFileSync(program, ["classify", picture, "--format", "json"], {
        encoding: "utf8",
      });
      const wanted = JSON.parse(line).predictions.map(({ index }) => index);
      const found = await page.evaluate(
        async ([build, url]) => {
          const { Classifier } = await import("/web/dist/index.js");
          window.model ??= Classifier.load("/build/models/efficientnet-lite0.onnx", { build });
          const classifier = await window.model;
          const image = new Image();
          image.src = url;
          await image.decode();
          const file = await (await fetch(url)).blob();
          const answers = await Promise.all(
            [url, file, image].map((source) => classifier.classify(source)),
          );
          return answers.map(({ decodedBy, predictions }) => [
            decodedBy,
            predictions.map(({ index }) => index),
          ]);
        },
        [build, `/build/pictures/${name}`],
      );
      assert.deepEqual(found, Array(3).fill(["synsight", wanted]));
    }
  },
);

test("what a page shows is classified: a canvas, a bitmap, a WebP file", { skip }, async () => {
  const found = await page.evaluate(async () => {
    const classifier = await window.model;
    const bitmap = await createImageBitmap(
      await (await fetch("/build/pictures/coffee.png")).blob(),
    );
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    const webp = await canvas.convertToBlob({ type: "image/webp", quality: 1 });
    const answers = [];
    for (const source of [canvas, bitmap, webp]) {
      const { decodedBy, predictions } = await classifier.classify(source);
      answers.push([decodedBy, predictions[0].label]);
    }
    return answers;
  });
  assert.deepEqual(found, Array(3).fill(["browser", "espresso"]));
});

test("the page goes on while a picture is classified", { skip }, async () => {
  const ticks = await page.evaluate(async () => {
    const classifier = await window.model;
    let ticks = 0;
    const timer = setInterval(() => ++ticks, 1);
    await classifier.classify("/build/pictures/rocket.jpg");
    clearInterval(timer);
    return ticks;
  });
  assert.ok(ticks > 2, `the page's timer ran ${ticks} times`);
});

test("errors carry their code", { skip }, async () => {
  const found = await page.evaluate(async (build) => {
    const { Classifier } = await import("/web/dist/index.js");
    const classifier = await window.model;
    const codeOf = (promise) =>
      promise.then(
        () => "none",
        (error) => `${error.name} ${error.code}`,
      );
    const controller = new AbortController();
    const aborted = classifier.classify("/build/pictures/cat.png", { signal: controller.signal });
    controller.abort();
    return [
      await codeOf(Classifier.load("/build/models/none.onnx", { build })),
      await codeOf(Classifier.load("/build/pictures/cat.png", { build })),
      await codeOf(classifier.classify("/build/pictures/none.png")),
      await codeOf(classifier.classify(new Blob(["no picture"]))),
      await codeOf(classifier.classify("/build/pictures/cat.png", { timeoutMs: 0.01 })),
      await codeOf(aborted),
    ];
  }, build);
  assert.deepEqual(found, [
    "SynsightError io",
    "SynsightError invalid_model",
    "SynsightError io",
    "SynsightError invalid_image",
    "SynsightError deadline_exceeded",
    "SynsightError cancelled",
  ]);
});

test(
  "a worker that cannot be had is an error, and the next call tries again",
  { skip },
  async () => {
    const other = await chromium.browser.newPage();
    await other.goto(page.url());
    await other.route(/worker\.js$/, (route) => route.abort());
    const load = () =>
      other.evaluate(async (build) => {
        const { Classifier } = await import("/web/dist/index.js");
        const model = "/build/models/efficientnet-lite0.onnx";
        return Classifier.load(model, { build }).then(
          ({ info }) => info.build,
          ({ code, message }) => `${code}: ${message}`,
        );
      }, build);
    assert.match(await load(), /^io: the worker http.*worker\.js does not run/);
    await other.unroute(/worker\.js$/);
    assert.equal(await load(), build);
    await other.close();
  },
);

test("only the build that runs is fetched", { skip }, () => {
  const modules = chromium.requests.filter((path) => path.endsWith(".wasm"));
  assert.deepEqual([...new Set(modules)], [`/web/dist/wasm/${build}/synsight.wasm`]);
  assert.equal(modules.length, 2); // in two pages
});
