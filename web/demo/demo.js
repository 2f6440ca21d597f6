// SPDX-License-Identifier: Apache-2.0
import "./dist/element.js";

const samples = {
  "cat.png": "a cat",
  "coffee.png": "a cup of coffee",
  "photographer.png": "a photographer",
  "rocket.jpg": "a rocket",
};
const element = document.querySelector("synsight-classifier");
const measured = document.querySelector("#measured");
let build = "";

for (const [file, text] of Object.entries(samples)) {
  const image = Object.assign(new Image(), { src: `pictures/${file}`, alt: `Classify ${text}` });
  const button = document.createElement("button");
  button.append(image);
  button.addEventListener("click", () => element.classify(`pictures/${file}`));
  const item = document.createElement("li");
  item.append(button);
  document.querySelector("#samples").append(item);
}

element.addEventListener("ready", ({ detail }) => {
  build = detail.build;
  const guess = detail.guess ? ` ${detail.guess}.` : "";
  measured.textContent = `${detail.numClasses} classes, WebAssembly with ${build} SIMD.${guess}`;
});
element.addEventListener("result", ({ detail }) => {
  const { decode, preprocess, inference } = detail.timings;
  const ms = (time) => `${time.toFixed(1)} ms`;
  measured.textContent =
    `Decoded in ${ms(decode)}, prepared in ${ms(preprocess)}, inference ${ms(inference)}; ` +
    `one thread, ${build} SIMD; ${detail.width} x ${detail.height} pixels.`;
});
element.addEventListener("error", () => {
  measured.textContent = "";
});

let own = "";
document.querySelector("#own").addEventListener("change", ({ target }) => {
  const file = target.files[0];
  if (!file) return;
  if (own) URL.revokeObjectURL(own);
  own = URL.createObjectURL(file);
  element.model = own;
});
