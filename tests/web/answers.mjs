// SPDX-License-Identifier: Apache-2.0
// answers.mjs BUILD MODEL FOLDER TOP PICTURE...: what the package under Node makes of pictures. The network's output of
// each goes into FOLDER, to 0.f32, 1.f32, ...; its dims and the TOP best classes are printed, an object a line.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Classifier } from "../../web/dist/index.js";

const [build, model, folder, top, ...pictures] = process.argv.slice(2);
try {
  await answer();
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

async function answer() {
  const classifier = await Classifier.load(pathToFileURL(model), { build });
  for (const [i, picture] of pictures.entries()) {
    const bytes = readFileSync(picture);
    const [{ dims, data }] = await classifier.run(await classifier.prepare(bytes));
    writeFileSync(join(folder, `${i}.f32`), data);
    const best = top === "0" ? null : await classifier.classify(bytes, { top: Number(top) });
    console.log(JSON.stringify({ dims, predictions: best?.predictions }));
  }
}
