// SPDX-License-Identifier: Apache-2.0
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import { fetchFloats, sizeOf } from "./files.js";

/** A function that runs the network once and gives the logits. */
export async function load(files) {
  await loadLiteRt("/tests/benchmarks/web/node_modules/@litertjs/core/wasm/");
  const model = await loadAndCompile(files.tflite, {
    accelerator: "wasm",
    cpuOptions: { numThreads: 1 },
  });
  const data = await fetchFloats(files.inputNhwc);
  const input = new Tensor(data, [1, sizeOf(data), sizeOf(data), 3]);
  return async () => {
    const [output] = await model.run(input);
    const logits = await output.data();
    output.delete();
    return logits;
  };
}
