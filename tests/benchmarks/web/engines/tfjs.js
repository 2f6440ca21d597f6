// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js has converters for its own files alone; this walks the layers that tfjs_files.py describes, with the fused
// operators that its converter makes, and gives memory back as its own executor does.
import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { fetchFloats, sizeOf } from "./files.js";

setWasmPaths("/tests/benchmarks/web/node_modules/@tensorflow/tfjs-backend-wasm/dist/");

const kLayers = {
  conv: (layer, x) => tf.fused.conv2d({ x, ...convolution(layer) }),
  depthwise: (layer, x) => tf.fused.depthwiseConv2d({ x, ...convolution(layer) }),
  dense: ({ weight, bias, activation }, a) => tf.fused.matMul({ a, b: weight, bias, activation }),
  add: ({ activation }, a, b) => {
    if (activation === "linear") return tf.add(a, b);
    return tf.tidy(() => tf[activation](tf.add(a, b)));
  },
  max_pool: ({ kernel, stride, pads }, x) => tf.maxPool(x, kernel, stride, pads),
  mean: (_, x) => tf.mean(x, [1, 2]),
  flatten: ({ shape }, x) => tf.reshape(x, shape),
};

function convolution({ weight, bias, stride, pads, activation }) {
  return { filter: weight, bias, strides: stride, pad: pads, activation };
}

/** A function that runs the network once and gives the logits. */
export async function load(files) {
  await tf.setBackend("wasm");
  const [descriptions, weights, given] = await Promise.all([
    fetch(files.layers).then((response) => response.json()),
    fetchFloats(files.weights),
    fetchFloats(files.inputNhwc),
  ]);
  const layers = descriptions.map((layer) => prepare(layer, weights));
  const input = tf.tensor4d(given, [1, sizeOf(given), sizeOf(given), 3]);
  return async () => {
    const output = walk(layers, input);
    const logits = await output.data();
    output.dispose();
    return logits;
  };
}

function prepare(layer, weights) {
  const [top, left, bottom, right] = layer.pads;
  const tensor = ({ offset, shape }) => {
    const first = offset / Float32Array.BYTES_PER_ELEMENT;
    const size = shape.reduce((product, n) => product * n, 1);
    return tf.tensor(weights.subarray(first, first + size), shape);
  };
  return {
    ...layer,
    weight: layer.weight && tensor(layer.weight),
    bias: layer.bias && tensor(layer.bias),
    activation: layer.activation || "linear",
    pads: [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  };
}

function walk(layers, input) {
  const values = new Map([["input", input]]);
  let output = input;
  for (const layer of layers) {
    output = kLayers[layer.op](layer, ...layer.inputs.map((name) => values.get(name)));
    values.set(layer.name, output);
    for (const name of layer.releases) if (name !== "input") values.get(name).dispose();
  }
  return output;
}
