// SPDX-License-Identifier: Apache-2.0
import { Classifier } from "/build/bench-web/dist/index.js";
import { fetchFloats, sizeOf } from "./files.js";

/** A function that runs the network once and gives the logits: in Synsight's worker, to which the input is copied each time. */
export async function load(files) {
  const classifier = await Classifier.load(files.onnx, { threads: 1 });
  const data = await fetchFloats(files.inputNchw);
  const size = sizeOf(data);
  const input = { dtype: "float32", dims: [1, 3, size, size], data };
  return async () => {
    const [logits] = await classifier.run(input);
    return logits.data;
  };
}
