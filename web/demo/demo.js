// SPDX-License-Identifier: Apache-2.0
import "./dist/element.js";

const kSamples = {
  "cat.png": "a cat",
  "coffee.png": "a cup of coffee",
  "photographer.png": "a photographer",
  "rocket.jpg": "a rocket",
};
const element = document.querySelector("synsight-classifier");
const measured = document.querySelector("#measured");
const networks = document.querySelector("#networks");
let how = ""; // the model runs

for (const [file, text] of Object.entries(kSamples)) {
  const image = Object.assign(new Image(), { src: `pictures/${file}`, alt: `Classify ${text}` });
  const button = document.createElement("button");
  button.append(image);
  button.addEventListener("click", () => element.classify(`pictures/${file}`));
  const item = document.createElement("li");
  item.append(button);
  document.querySelector("#samples").append(item);
}

async function listNetworks() {
  const list = await (await fetch("networks.json")).json();
  // Of networks that are not the catalog's, less is known.
  for (const { file, title, weights = "f32", megabytes, top1 } of list) {
    const kind = weights === "f32" ? "" : `, ${weights} weights`;
    const right = top1 === undefined ? "" : `, ${top1} of 100 right`;
    networks.append(new Option(`${title}${kind}: ${megabytes} MB${right}`, file));
  }
  element.model = networks.value;
}
listNetworks().catch((error) => {
  measured.textContent = `The list of networks cannot be had: ${error}`;
});
networks.addEventListener("change", () => {
  measured.textContent = "";
  element.model = networks.value;
});

element.addEventListener("ready", ({ detail }) => {
  const { build, guess, numClasses, threads } = detail;
  how = `${threads === 1 ? "one thread" : `${threads} threads`}, ${build} SIMD`;
  measured.textContent = `${numClasses} classes; ${how}.${guess ? ` ${guess}.` : ""}`;
});
element.addEventListener("result", ({ detail }) => {
  const { decode, preprocess, inference } = detail.timings;
  const ms = (time) => `${time.toFixed(1)} ms`;
  measured.textContent =
    `Decoded in ${ms(decode)}, prepared in ${ms(preprocess)}, inference ${ms(inference)}; ` +
    `${how}; ${detail.width} x ${detail.height} pixels.`;
});
element.addEventListener("error", () => {
  measured.textContent = "";
});

document.querySelector("#own").addEventListener("change", ({ target }) => {
  element.loadFiles([...target.files]);
});

async function workOffline() {
  await navigator.serviceWorker.register("sw.js");
  await navigator.serviceWorker.ready;
  document.querySelector("#offline").textContent =
    "This page is kept on your device: it works without a network.";
}
if ("serviceWorker" in navigator) {
  // After the model, which the visitor waits for.
  const loaded = new Promise((done) => {
    for (const event of ["ready", "error"]) element.addEventListener(event, done, { once: true });
  });
  loaded.then(workOffline).catch((error) => {
    document.querySelector("#offline").textContent = `This page needs its server: ${error.message}`;
  });
}
