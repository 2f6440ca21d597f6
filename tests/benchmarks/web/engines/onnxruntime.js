// SPDX-License-Identifier: Apache-2.0
import * as ort from "onnxruntime-web/wasm";
import { fetchFloats, sizeOf } from "./files.js";

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = "/tests/benchmarks/web/node_modules/onnxruntime-web/dist/";

/** A function that runs the network once and gives the logits. */
export async function load(files) {
  const session = await ort.InferenceSession.create(files.onnx, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
    freeDimensionOverrides: { N: 1 },
  });
  const data = await fetchFloats(files.inputNchw);
  const input = new ort.Tensor("float32", data, [1, 3, sizeOf(data), sizeOf(data)]);
  return async () => {
    const { logits } = await session.run({ input });
    return logits.data;
  };
}
