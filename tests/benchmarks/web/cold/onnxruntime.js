// SPDX-License-Identifier: Apache-2.0
// The usual page: all downloads at once, the picture resized by a canvas.
import * as ort from "/tests/benchmarks/web/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";

const kSize = 224;
const kShorterSide = 256;

ort.env.wasm.numThreads = 1;
const [session, input, labels] = await Promise.all([
  ort.InferenceSession.create(new URLSearchParams(location.search).get("network")),
  readPicture("/build/bench/photo.jpg"),
  fetch("/build/bench-web/labels.json").then((response) => response.json()),
]);
const { logits } = await session.run({ input });
const label = labels[logits.data.indexOf(Math.max(...logits.data))];
document.querySelector("output").textContent = label;
window.answer = { milliseconds: performance.now(), label };

/** The network's input: the shorter side resized, the middle cropped, (x - 127) / 128. */
async function readPicture(url) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const { width, height } = bitmap;
  const scale = kShorterSide / Math.min(width, height);
  const context = new OffscreenCanvas(kSize, kSize).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(
    bitmap,
    (kSize - width * scale) / 2,
    (kSize - height * scale) / 2,
    width * scale,
    height * scale,
  );
  const { data } = context.getImageData(0, 0, kSize, kSize);
  const numPixels = kSize * kSize;
  const input = new Float32Array(3 * numPixels);
  for (let i = 0; i < numPixels; ++i) {
    for (let channel = 0; channel < 3; ++channel) {
      input[channel * numPixels + i] = (data[4 * i + channel] - 127) / 128;
    }
  }
  return new ort.Tensor("float32", input, [1, 3, kSize, kSize]);
}
