// SPDX-License-Identifier: Apache-2.0
// The package in a real browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { breakable, build, hasRelaxedSimd, keepWorkers, start } from "./browsers.mjs";
import { root, serve } from "./server.mjs";

const program = join(root, "build/release/bin/synsight");
const kModel = "/build/models/efficientnet-lite0.onnx";
const kPages = { "/": "<!doctype html><title>test</title>" };

const { skip, browser, page, server, stop } = await start({ pages: kPages });
after(stop);
before(() => skip || page.run(load, build, kModel));

/** Runs in the page, whose tests use it. */
async function load(build, model) {
  const { Classifier } = await import("/web/dist/index.js");
  window.classifier = await Classifier.load(model, { build });
}

for (const isolated of [false, true]) {
  const where = isolated ? "an isolated page" : "a page";
  test(
    `the command line's answers from a URL, a file and an element in ${where}`,
    { skip },
    async (t) => {
      const site = await serve({ pages: kPages, isolated });
      t.after(site.stop);
      const tab = await browser.open(`${site.origin}/`);
      t.after(tab.close);
      assert.equal(await tab.run(async () => crossOriginIsolated), isolated);
      await tab.run(load, build, kModel);
      const names = readdirSync(join(root, "build/pictures"));
      assert.ok(names.length >= 4);
      for (const name of names) {
        const picture = join(root, "build/pictures", name);
        const line = execFileSync(program, ["classify", picture, "--format", "json"]);
        const wanted = JSON.parse(line).predictions;
        const found = await tab.run(classifyThrice, `/build/pictures/${name}`);
        assert.equal(found.length, 3);
        for (const { decodedBy, predictions } of found) {
          assert.equal(decodedBy, "synsight");
          assert.deepEqual(
            predictions.map(({ index }) => index),
            wanted.map(({ index }) => index),
          );
          predictions.forEach(({ wnid, label, probability }, i) => {
            assert.deepEqual([wnid, label], [wanted[i].wnid, wanted[i].label]);
            assert.ok(Math.abs(probability - wanted[i].probability) < 1e-4);
          });
        }
      }
    },
  );
}

async function classifyThrice(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  const file = await (await fetch(url)).blob();
  return Promise.all([url, file, image].map((source) => window.classifier.classify(source)));
}

test("only the build that runs is fetched", { skip }, () => {
  const modules = server.requests.filter((path) => path.endsWith(".wasm"));
  assert.deepEqual(modules, [`/web/dist/wasm/${build}.wasm`]);
});

test(
  "the build that is chosen is the relaxed one where it runs, and else the plain one",
  { skip },
  async (t) => {
    const tab = await browser.open(`${server.origin}/`);
    t.after(tab.close);
    const isRelaxed = await hasRelaxedSimd(tab);
    const numBefore = server.requests.length;
    const [chosen, relaxed] = await tab.run(async (model) => {
      const { Classifier } = await import("/web/dist/index.js");
      const { info } = await Classifier.load(model);
      const relaxed = Classifier.load(model, { build: "relaxed" });
      return [
        info.build,
        await relaxed.then(
          ({ info }) => info.build,
          ({ code }) => code,
        ),
      ];
    }, kModel);
    const wanted = isRelaxed ? "relaxed" : "plain";
    assert.equal(chosen, wanted);
    assert.equal(relaxed, isRelaxed ? "relaxed" : "device");
    const modules = server.requests.slice(numBefore).filter((path) => path.endsWith(".wasm"));
    assert.equal(modules[0], `/web/dist/wasm/${wanted}.wasm`);
  },
);

test("what a page shows is classified: a canvas, a bitmap", { skip }, async () => {
  const found = await page.run(async () => {
    const { classifier } = window;
    const file = await (await fetch("/build/pictures/coffee.png")).blob();
    const bitmap = await createImageBitmap(file);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    const onPage = Object.assign(document.createElement("canvas"), {
      width: bitmap.width,
      height: bitmap.height,
    });
    onPage.getContext("2d").drawImage(bitmap, 0, 0);
    const answers = [];
    for (const source of [canvas, onPage, bitmap, file]) {
      answers.push(await classifier.classify(source));
    }
    return answers;
  });
  const [fromFile] = found.splice(3);
  for (const { decodedBy, predictions } of found) {
    assert.equal(decodedBy, "browser");
    // The picture has no transparent pixels and no colour profile: nothing is lost on the way.
    assert.deepEqual(predictions, fromFile.predictions);
  }
});

// Of Pillow 13: x and y are 0 to 15. Image.fromarray(numpy.uint8(numpy.stack([16 * x, 16 * y, 255 - 8 * (x + y)], 2)))
// .save("gradient.webp", lossless=True)
const kWebp = "UklGRiwAAABXRUJQVlA4TCAAAAAvD8ADALmM6H/sKl/5gvc/ICQgTPD/sKgORP9jAsDqXQ==";

test("WebP, which the browser decodes, is the same as its pixels", { skip }, async () => {
  const [webp, pixels] = await page.run(async (base64) => {
    const { classifier } = window;
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const data = new Uint8ClampedArray(16 * 16 * 4);
    for (let i = 0; i < 256; ++i) {
      const [x, y] = [i % 16, i >> 4];
      data.set([16 * x, 16 * y, 255 - 8 * (x + y), 255], 4 * i);
    }
    return [
      await classifier.classify(new Blob([bytes])),
      await classifier.classify({ data, width: 16, height: 16 }),
    ];
  }, kWebp);
  assert.deepEqual([webp.decodedBy, pixels.decodedBy], ["browser", "none"]);
  assert.deepEqual([webp.width, webp.height], [16, 16]);
  assert.deepEqual(webp.predictions, pixels.predictions);
});

test("a model comes from bytes, a Blob or a stream alike", { skip }, async () => {
  const found = await page.run(
    async (build, model) => {
      const { Classifier } = await import("/web/dist/index.js");
      const blob = await (await fetch(model)).blob();
      const answers = [];
      for (const source of [await blob.arrayBuffer(), blob, blob.stream()]) {
        const progress = [];
        const onProgress = (loaded, total) => progress.push([loaded, total]);
        const classifier = await Classifier.load(source, { build, onProgress });
        const { predictions } = await classifier.classify("/build/pictures/cat.png");
        answers.push({ predictions, isWhole: progress.at(-1)[0] === blob.size });
        classifier.dispose();
      }
      const { predictions } = await window.classifier.classify("/build/pictures/cat.png");
      return { answers, predictions };
    },
    build,
    kModel,
  );
  const { answers, predictions } = found;
  assert.deepEqual(answers, Array(3).fill({ predictions, isWhole: true }));
});

test("a model that is kept is not fetched again", { skip }, async () => {
  const kept = `${kModel}?kept`;
  const numBefore = server.requests.length;
  const loads = () =>
    page.run(
      async (build, model) => {
        const { Classifier } = await import("/web/dist/index.js");
        const { info } = await Classifier.load(model, { build, cache: true });
        return info.numClasses;
      },
      build,
      kept,
    );
  assert.equal(await loads(), 1000);
  await page.run(async () => {
    // It is put there beside the load.
    const cache = await caches.open("synsight");
    for (;;) if ((await cache.keys()).length > 0) return;
  });
  assert.equal(await loads(), 1000);
  const fetched = server.requests.slice(numBefore).filter((path) => path === kModel);
  assert.equal(fetched.length, 1);
});

test("the page goes on while a picture is classified", { skip }, async () => {
  const ticks = await page.run(async () => {
    const { classifier } = window;
    let ticks = 0;
    const timer = setInterval(() => ++ticks, 1);
    await classifier.classify("/build/pictures/rocket.jpg");
    clearInterval(timer);
    return ticks;
  });
  assert.ok(ticks > 2, `the page's timer ran ${ticks} times`);
});

test("errors carry their code", { skip }, async () => {
  const found = await page.run(
    async (build, model) => {
      const { Classifier } = await import("/web/dist/index.js");
      const { classifier } = window;
      const codeOf = (promise) =>
        promise.then(
          () => "none",
          (error) => `${error.name} ${error.code}`,
        );
      const controller = new AbortController();
      const aborted = classifier.classify("/build/pictures/cat.png", { signal: controller.signal });
      controller.abort();
      return {
        "no model": await codeOf(Classifier.load("/build/models/none.onnx", { build })),
        "no URL": await codeOf(Classifier.load("http://:", { build })),
        "a picture as model": await codeOf(Classifier.load("/build/pictures/cat.png", { build })),
        "another model": await codeOf(Classifier.load(model, { build, integrity: "sha256-AAAA" })),
        "no picture": await codeOf(classifier.classify("/build/pictures/none.png")),
        "text as picture": await codeOf(classifier.classify(new Blob(["no picture"]))),
        "broken WebP": await codeOf(classifier.classify(new Blob(["RIFF????WEBP????"]))),
        "too late": await codeOf(
          classifier.classify("/build/pictures/cat.png", { timeoutMs: 0.01 }),
        ),
        aborted: await codeOf(aborted),
        "none after all": await codeOf(classifier.classify("/build/pictures/cat.png")),
      };
    },
    build,
    kModel,
  );
  assert.deepEqual(found, {
    "no model": "SynsightError io",
    "no URL": "SynsightError invalid_argument",
    "a picture as model": "SynsightError invalid_model",
    "another model": "SynsightError io",
    "no picture": "SynsightError io",
    "text as picture": "SynsightError invalid_image",
    "broken WebP": "SynsightError invalid_image",
    "too late": "SynsightError deadline_exceeded",
    aborted: "SynsightError cancelled",
    "none after all": "none",
  });
});

test(
  "after WebAssembly has stopped, its models are lost and the next is loaded",
  { skip },
  async (t) => {
    const site = await serve({ pages: { ...kPages, ...breakable() } });
    t.after(site.stop);
    const tab = await browser.open(`${site.origin}/`);
    t.after(tab.close);
    await tab.run(keepWorkers);
    const { errors, label } = await tab.run(
      async (build, model) => {
        const { Classifier } = await import("/web/dist/index.js");
        const picture = "/build/pictures/coffee.png";
        const classifier = await Classifier.load(model, { build });
        const other = await Classifier.load(model, { build });
        await classifier.classify(picture);
        window.breakWorkers();
        const errors = [];
        for (const lost of [classifier, classifier, other]) {
          await lost.classify(picture).catch(({ code, message }) => errors.push({ code, message }));
        }
        const next = await Classifier.load(model, { build });
        const { predictions } = await next.classify(picture);
        return { errors, label: predictions[0].label };
      },
      build,
      kModel,
    );
    assert.equal(errors.length, 3);
    for (const { code, message } of errors) {
      assert.equal(code, "internal");
      assert.match(
        message,
        /^WebAssembly stopped \(RuntimeError: .*\): its models are lost, load them again$/,
      );
    }
    assert.equal(label, "espresso");
  },
);

test("an aborted load ends its download", { skip, timeout: 30_000 }, async () => {
  const { cut } = server.stall(kModel);
  const found = await page.run(
    async (build, model) => {
      const { Classifier } = await import("/web/dist/index.js");
      const controller = new AbortController();
      const { signal } = controller;
      const onProgress = () => controller.abort();
      const load = Classifier.load(model, { build, signal, onProgress });
      return load.catch(({ code, message }) => `${code}: ${message}`);
    },
    build,
    kModel,
  );
  assert.equal(found, "cancelled: cancelled by the caller");
  await cut;
});

test(
  "a worker that cannot be had is an error, and the next call tries again",
  { skip },
  async (t) => {
    const tab = await browser.open(`${server.origin}/`);
    t.after(tab.close);
    const load = () =>
      tab.run(
        async (build, model) => {
          const { Classifier } = await import("/web/dist/index.js");
          return Classifier.load(model, { build }).then(
            ({ info }) => info.build,
            ({ code, message }) => `${code}: ${message}`,
          );
        },
        build,
        kModel,
      );
    server.hidden.add("/web/dist/worker.js");
    assert.match(await load(), /^io: the worker .*does not run/);
    server.hidden.clear();
    assert.equal(await load(), build);
  },
);
