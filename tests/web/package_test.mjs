// SPDX-License-Identifier: Apache-2.0
// The package under Node: the same answers as the command line's, and errors as its promises.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Classifier, SynsightError } from "../../web/dist/index.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "build/release/bin/synsight");
const modelFile = join(root, "build/models/efficientnet-lite0.onnx");
const model = pathToFileURL(modelFile);
const picturesFolder = join(root, "build/pictures");
const pictures = readdirSync(picturesFolder).map((name) => join(picturesFolder, name));
const build = process.env.SYNSIGHT_BUILD;

const load = (source = model, options = {}) => Classifier.load(source, { build, ...options });
const rejects = (promise, code, text) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof SynsightError);
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  });

test("pictures get the classes that the command line gives them", async () => {
  const classifier = await load();
  assert.equal(classifier.info.build, build);
  assert.equal(classifier.info.numClasses, 1000);
  assert.equal(classifier.info.inputSpec.color, "RGB");
  assert.ok(pictures.length >= 4);
  for (const picture of pictures) {
    const line = execFileSync(program, ["classify", picture, "--format", "json"], {
      encoding: "utf8",
    });
    const wanted = JSON.parse(line);
    const found = await classifier.classify(readFileSync(picture));
    assert.equal(found.decodedBy, "synsight");
    assert.equal(found.predictions.length, 5);
    found.predictions.forEach((prediction, i) => {
      const { wnid, index, probability } = wanted.predictions[i];
      assert.equal(prediction.index, index);
      assert.equal(prediction.wnid, wnid);
      assert.ok(Math.abs(prediction.probability - probability) < 1e-4);
    });
  }
  classifier.dispose();
});

test("a model comes from bytes, a Blob or a stream alike", async () => {
  const bytes = readFileSync(modelFile);
  const picture = readFileSync(pictures[0]);
  const answers = [];
  for (const source of [bytes, new Blob([bytes]), new Blob([bytes]).stream()]) {
    const progress = [];
    const classifier = await load(source, { onProgress: (loaded) => progress.push(loaded) });
    assert.equal(progress.at(-1), bytes.length);
    answers.push((await classifier.classify(picture, { top: 3 })).predictions);
    classifier.dispose();
  }
  assert.equal(answers[0].length, 3);
  assert.deepEqual(answers[1], answers[0]);
  assert.deepEqual(answers[2], answers[0]);
});

test("pixels are classified, whatever their alpha", async () => {
  const classifier = await load();
  const data = new Uint8ClampedArray(300 * 200 * 4).map((_, i) => (i * i) % 251);
  const first = await classifier.classify({ data, width: 300, height: 200 });
  assert.equal(first.decodedBy, "none");
  assert.equal(first.width, 300);
  const opaque = data.map((value, i) => (i % 4 === 3 ? 255 : value));
  const second = await classifier.classify({ data: opaque, width: 300, height: 200 });
  assert.deepEqual(second.predictions, first.predictions);
  await rejects(
    classifier.classify({ data, width: 200, height: 200 }),
    "invalid_argument",
    /200 x 200/,
  );
  classifier.dispose();
});

test("a disposed model's memory goes to the next one", async () => {
  const bytes = readFileSync(modelFile);
  const picture = readFileSync(pictures[0]);
  const loadAndDispose = async (times) => {
    for (let i = 0; i < times; ++i) {
      const classifier = await load(bytes);
      await classifier.classify(picture);
      classifier.dispose();
    }
  };
  await loadAndDispose(3);
  const residentBefore = process.memoryUsage.rss();
  const numModels = 30;
  await loadAndDispose(numModels);
  // Packed weights are as large as the file's.
  const taken = process.memoryUsage.rss() - residentBefore;
  assert.ok(taken < (numModels * bytes.length) / 3, `${numModels} models took ${taken} bytes`);
});

test("what cannot be is an error with a code and one line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "synsight-"));
  const bytes = readFileSync(modelFile);
  writeFileSync(join(folder, "cut.onnx"), bytes.subarray(0, 5000));
  await rejects(load(pathToFileURL(join(folder, "cut.onnx"))), "invalid_model", /./);
  await rejects(load(pathToFileURL(join(folder, "none.onnx"))), "io", /none\.onnx/);
  await rejects(load("no url at all"), "invalid_argument", /no url at all/);
  await rejects(load(model, { preset: "kears-tf" }), "invalid_argument", /kears-tf/);
  await rejects(load(model, { overrides: { mean: "red" } }), "invalid_argument", /mean/);
  await rejects(load(model, { signal: AbortSignal.abort() }), "cancelled", /cancelled/);

  const controller = new AbortController();
  const onProgress = () => controller.abort();
  await rejects(load(model, { signal: controller.signal, onProgress }), "cancelled", /cancelled/);

  const classifier = await load();
  await rejects(classifier.classify(new Uint8Array(10)), "invalid_image", /./);
  await rejects(
    classifier.classify(readFileSync(pictures[0]).subarray(0, 4000)),
    "invalid_image",
    /./,
  );
  const picture = readFileSync(pictures[0]);
  await rejects(classifier.classify(picture, { timeoutMs: 0.01 }), "deadline_exceeded", /./);
  await rejects(classifier.classify(picture, { signal: AbortSignal.abort() }), "cancelled", /./);
  assert.equal((await classifier.classify(picture)).predictions.length, 5);
  classifier.dispose();
  await rejects(classifier.classify(picture), "invalid_argument", /disposed/);
});

test("a run leaves its thread between nodes, and an aborted one ends there", async (t) => {
  // The clock goes so fast that a run is longer than a slice of time on any machine.
  const now = performance.now.bind(performance);
  performance.now = () => 50 * now();
  t.after(() => (performance.now = now));
  const classifier = await load(pathToFileURL(join(root, "build/models/efficientnet-lite2.onnx")));
  const picture = readFileSync(pictures[0]);
  let numTurns = 0;
  let isRunning = true;
  const count = () => {
    numTurns += 1;
    if (isRunning) setImmediate(count);
  };
  t.after(() => (isRunning = false));
  setImmediate(count);
  const tensor = await classifier.prepare(picture);
  numTurns = 0;
  await classifier.classify(picture);
  assert.ok(numTurns > 5, `${numTurns} turns`);

  const controller = new AbortController();
  const aborted = classifier.classify(picture, { signal: controller.signal });
  setImmediate(() => controller.abort());
  await rejects(aborted, "cancelled", /cancelled/);
  assert.equal((await classifier.run(tensor))[0].dims[1], 1000);
  classifier.dispose();
});

test("the network's input and outputs are to be had, and another input to be given", async () => {
  const classifier = await load();
  const picture = readFileSync(pictures[0]);
  const tensor = await classifier.prepare(picture);
  assert.equal(tensor.dtype, "float32");
  assert.deepEqual(tensor.dims, [1, 3, 224, 224]);
  assert.equal(tensor.data.length, 3 * 224 * 224);
  const { predictions } = await classifier.classify(picture, { top: 1 });
  const [logits] = await classifier.run(tensor);
  assert.deepEqual(logits.dims, [1, 1000]);
  const exponentials = logits.data.map((logit) => Math.exp(logit));
  const sum = exponentials.reduce((a, b) => a + b);
  const [best] = predictions;
  assert.ok(Math.abs(exponentials[best.index] / sum - best.probability) < 1e-5);

  const [twice] = await classifier.run({
    ...tensor,
    dims: [2, 3, 224, 224],
    data: new Float32Array([...tensor.data, ...tensor.data]),
  });
  assert.deepEqual([...twice.data], [...logits.data, ...logits.data]);

  const wrong = [
    [[], /1 inputs/],
    [[{ ...tensor, dtype: "float16" }], /float16 .* Uint16Array/],
    [[{ ...tensor, dims: [1, 3, 224] }], /602112 bytes/],
    [[{ ...tensor, dims: [1.5] }], /1\.5/],
  ];
  for (const [inputs, text] of wrong) {
    await rejects(classifier.run(...inputs), "invalid_argument", text);
  }
  classifier.dispose();
});

test("memory that cannot be had is an error, after which the models go on", async () => {
  // A module has 4 GB: these take 1.7, and a run of so many pictures would take 2.6.
  const bytes = readFileSync(modelFile);
  const models = await Promise.all(Array.from({ length: 64 }, () => load(bytes)));
  const numPictures = 440;
  const data = new Float32Array(numPictures * 3 * 224 * 224);
  const tensor = { dtype: "float32", dims: [numPictures, 3, 224, 224], data };
  await rejects(models[0].run(tensor), "out_of_memory", /cannot allocate \d+ bytes/);
  for (const classifier of [models[0], models[63]]) {
    const { predictions } = await classifier.classify(readFileSync(pictures[0]));
    assert.equal(predictions.length, 5);
  }
  models.forEach((classifier) => classifier.dispose());
});

test("labels that are given stand in for the model's", async () => {
  const labels = Array.from({ length: 1000 }, (_, i) => `class number ${i}`);
  const classifier = await load(model, { labels });
  const [best] = (await classifier.classify(readFileSync(pictures[0]))).predictions;
  assert.equal(best.label, `class number ${best.index}`);
  assert.equal(best.wnid, "");
  classifier.dispose();
  await rejects(
    load(model, { labels: ["one", "two"] }),
    "invalid_argument",
    /names 2, the network gives 1000/,
  );
});
