// SPDX-License-Identifier: Apache-2.0
// The page beside the native program and beside Pillow with ONNX Runtime: what three networks are fed is the same byte for
// byte, their logits are within 1e-4 of the range, and the five best classes the same; with one thread and with two.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, posix } from "node:path";
import { after, before, test } from "node:test";
import { build, name, start } from "./browsers.mjs";
import { root } from "./server.mjs";

const kNetworks = ["efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2"];
const kTolerance = 1e-4;
const python = join(root, ".venv/bin/python");
const program = join(root, "build/release/bin/synsight");

const kFolders = {
  "/samples/": join(root, "build/pictures"),
  "/photographs/": join(
    process.env.TEST_DATA ?? join(root, "../shared/data"),
    "images/imagenet-samples",
  ),
};
const samples = list("/samples/");
const photographs = list("/photographs/").filter((_, i) => i % 5 === 0);
const expected = mkdtempSync(join(tmpdir(), "synsight-"));

const { skip, browser, server, stop, ...opened } = await start({
  pages: { "/": "<!doctype html><title>test</title>" },
  folders: { ...kFolders, "/expected/": expected },
  isolated: true,
  threads: true,
});
let { page } = opened;
after(async () => {
  await stop();
  rmSync(expected, { recursive: true });
});

before(() => {
  if (skip) return;
  const models = kNetworks.map(modelOf);
  const files = [...samples, ...photographs].map(fileOf);
  const args = ["-m", "tests.web.expected", expected, ...models, "--", ...files];
  execFileSync(python, args, { cwd: root });
});

for (const network of kNetworks) {
  test(`${network} on the sample pictures`, { skip }, async (t) => {
    assert.ok(samples.length >= 4);
    await agree(t, network, samples);
  });

  const folder = kFolders["/photographs/"];
  const why = !existsSync(folder) && `there is no ${folder} (see TEST_DATA)`;
  test(`${network} on twenty photographs`, { skip: skip || why }, async (t) => {
    assert.equal(photographs.length, 20);
    await agree(t, network, photographs);
  });
}

/** The pictures that the server has below `path`, by their paths there. */
function list(path) {
  const folder = kFolders[path];
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.sort().map((name) => path + name);
}

function fileOf(path) {
  return join(kFolders[`${posix.dirname(path)}/`], basename(path));
}

function modelOf(network) {
  return join(root, `build/models/${network}.onnx`);
}

async function agree(t, network, paths) {
  const lines = execFileSync(
    program,
    ["classify", "--model", modelOf(network), "--format", "json", ...paths.map(fileOf)],
    { encoding: "utf8" },
  );
  const answers = lines.trim().split("\n").map(JSON.parse);
  assert.equal(answers.length, paths.length);
  for (const threads of [1, 2]) {
    const compareAll = () => compare(network, paths, answers, threads);
    const largest = await compareAll().catch(async (error) => {
      // WebKitGTK shares memory only because the tests ask for it, and has once stopped in a module with threads.
      if (name !== "webkit" || threads === 1 || !/WebAssembly stopped/.test(error)) throw error;
      t.diagnostic(`AGAIN with ${threads} threads, as this ${name} stopped: ${error}`);
      page = await browser.open(`${server.origin}/`);
      return compareAll();
    });
    if (largest === null) {
      assert.equal(name, "firefox"); // which now and then waits for ever
      t.diagnostic(`SKIPPED with ${threads} threads: this ${name} did not start them`);
      return;
    }
    const much = `${largest.toExponential(1)} of their range`;
    t.diagnostic(`with ${threads} threads the logits differ by at most ${much}`);
  }
}

/** The largest difference of the logits, of all pictures; null where so many threads do not start. */
async function compare(network, paths, answers, threads) {
  const started = await page.run(load, build, `/build/models/${network}.onnx`, threads);
  if (started < threads) return null;
  let largest = 0;
  for (const [i, path] of paths.entries()) {
    const file = `${network}/${basename(path)}`;
    const found = await page.run(answer, path, `/expected/${file}.tensor`);
    assert.deepEqual(found.different, [], `${file}: what the network is fed`);
    for (const oracle of ["native", "onnxruntime"]) {
      const wanted = floats(join(expected, `${file}.${oracle}`));
      const difference = differenceOf(found.logits, wanted);
      assert.ok(difference <= kTolerance, `${file}: ${difference} of the range from ${oracle}`);
      largest = Math.max(largest, difference);
    }
    const best = answers[i].predictions.map(({ index }) => index);
    assert.equal(best.length, 5);
    assert.deepEqual(found.best, best, `${file}: the best classes`);
    assert.deepEqual(topOf(found.logits, 5), best, `${file}: the largest logits`);
  }
  return largest;
}

/** Runs in the page. How many threads there are. */
async function load(build, model, threads) {
  const { Classifier } = await import("/web/dist/index.js");
  window.classifier?.dispose();
  window.classifier = await Classifier.load(model, { build, threads });
  return window.classifier.info.threads;
}

/** Runs in the page. `different` is the first element that the tensor has otherwise than its file: its place, both values. */
async function answer(picture, tensorFile) {
  const { classifier } = window;
  const tensor = await classifier.prepare(picture);
  const wanted = new Float32Array(await (await fetch(tensorFile)).arrayBuffer());
  const different = [];
  const size = tensor.dims.reduce((product, dim) => product * dim, 1);
  if (tensor.dtype !== "float32" || tensor.data.length !== size) different.push("form");
  if (size !== wanted.length) different.push("size", size, wanted.length);
  const bits = (array) => new Uint32Array(array.buffer, array.byteOffset, array.length);
  const [ours, theirs] = [bits(tensor.data), bits(wanted)];
  const first = ours.findIndex((value, i) => value !== theirs[i]);
  if (first >= 0) different.push(first, tensor.data[first], wanted[first]);
  const [{ data }] = await classifier.run(tensor);
  const { predictions } = await classifier.classify(picture);
  return { different, logits: [...data], best: predictions.map(({ index }) => index) };
}

function floats(file) {
  const bytes = readFileSync(file);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** The largest difference, as part of the range of `wanted`. */
function differenceOf(found, wanted) {
  assert.equal(found.length, wanted.length);
  assert.ok(found.every(Number.isFinite));
  const range = Math.max(...wanted) - Math.min(...wanted);
  return Math.max(...found.map((value, i) => Math.abs(value - wanted[i]))) / range;
}

function topOf(scores, count) {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a] || a - b);
  return order.slice(0, count);
}
