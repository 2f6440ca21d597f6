// SPDX-License-Identifier: Apache-2.0
// Threads, which a page has behind isolation headers only.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { breakable, build, keepWorkers, name, start } from "./browsers.mjs";
import { serve } from "./server.mjs";

const kModel = "/build/models/efficientnet-lite0.onnx";
const { skip, browser, page, server, stop } = await start({
  pages: { "/": "<!doctype html><title>test</title>" },
  isolated: true,
  threads: true,
});
after(stop);

/** Loads a model and classifies a picture; gives what is known of both. */
const classify = (page, threads) =>
  page.run(
    async (model, build, threads) => {
      const { Classifier } = await import("/web/dist/index.js");
      const classifier = await Classifier.load(model, { build, threads });
      const { predictions } = await classifier.classify("/build/pictures/coffee.png");
      classifier.dispose();
      return { ...classifier.info, predictions };
    },
    kModel,
    build,
    threads,
  );

/** Firefox now and then waits for ever where a worker makes another; the page then goes on with one thread. */
let hasGivenUp = false;

test("as many threads as wanted give the same answer", { skip }, async (t) => {
  const alone = await classify(page, 1);
  assert.equal(alone.threads, 1);
  for (const threads of [2, 4, 2]) {
    const found = await classify(page, threads);
    hasGivenUp ||= name === "firefox" && found.threads === 1;
    assert.equal(found.threads, hasGivenUp ? 1 : threads);
    assert.equal(found.build, build);
    found.predictions.forEach(({ index, probability }, i) => {
      assert.equal(index, alone.predictions[i].index);
      assert.ok(Math.abs(probability - alone.predictions[i].probability) < 1e-5);
    });
  }
  assert.ok(server.requests.includes(`/web/dist/wasm/${build}-threads.wasm`));
  if (hasGivenUp) t.diagnostic("this Firefox did not start its threads: one was used");
});

test("models with threads of their own stand side by side", { skip }, async () => {
  const labels = await page.run(
    async (model, build) => {
      const { Classifier } = await import("/web/dist/index.js");
      const models = await Promise.all(
        [2, 3, 2].map((threads) => Classifier.load(model, { build, threads })),
      );
      const answers = await Promise.all(
        models.map((model) => model.classify("/build/pictures/coffee.png")),
      );
      models.forEach((model) => model.dispose());
      return answers.map(({ predictions }) => predictions[0].label);
    },
    kModel,
    build,
  );
  assert.deepEqual(labels, Array(3).fill("espresso"));
});

test("a number of threads that cannot be is an error", { skip }, async (t) => {
  if (hasGivenUp) return t.skip("this Firefox did not start its threads");
  for (const threads of [0, 1.5, 1000]) {
    await assert.rejects(classify(page, threads), /threads is .*, wanted a number from 1 to 256/);
  }
});

test("where threads fail a model is loaded with one", { skip }, async (t) => {
  const kNoThreads = "this Firefox did not start its threads";
  if (hasGivenUp) return t.skip(kNoThreads);
  const pages = { "/": "<!doctype html><title>test</title>", ...breakable() };
  const site = await serve({ pages, isolated: true });
  t.after(site.stop);
  const other = await browser.open(`${site.origin}/`);
  t.after(other.close);
  await other.run(keepWorkers);
  const found = await other.run(
    async (model, build) => {
      const { Classifier } = await import("/web/dist/index.js");
      const found = [];
      for (let i = 0; i < 3; ++i) {
        const classifier = await Classifier.load(model, { build, threads: 2 });
        const { predictions } = await classifier.classify("/build/pictures/coffee.png");
        found.push({ threads: classifier.info.threads, label: predictions[0].label });
        if (i === 0) window.breakWorkers();
      }
      return found;
    },
    kModel,
    build,
  );
  if (name === "firefox" && found[0].threads === 1) return t.skip(kNoThreads);
  const threads = found.map(({ threads }) => threads);
  assert.deepEqual(threads, [2, 1, 1]);
  for (const { label } of found) assert.equal(label, "espresso");
});

test("without the headers there is one thread, whatever is wanted", { skip }, async () => {
  const plain = await serve({ pages: { "/": "<!doctype html><title>test</title>" } });
  const other = await browser.open(`${plain.origin}/`);
  const found = await classify(other, 2);
  assert.equal(found.threads, 1);
  assert.equal(found.predictions[0].label, "espresso");
  await other.close();
  await plain.stop();
});

test(
  "threads that do not start within ten seconds are done without",
  { skip: skip || (name !== "chromium" && "one browser shows it") },
  async () => {
    const { cut } = server.stall(`/web/dist/wasm/${build}-threads.wasm`);
    const other = await browser.open(`${server.origin}/`);
    for (let i = 0; i < 2; ++i) {
      const found = await classify(other, 2);
      assert.equal(found.threads, 1);
      assert.equal(found.predictions[0].label, "espresso");
    }
    await cut; // what does not start is ended
    await other.close();
  },
);
