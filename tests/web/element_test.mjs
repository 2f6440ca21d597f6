// SPDX-License-Identifier: Apache-2.0
// <synsight-classifier> in a real browser.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { breakable, keepWorkers, start } from "./browsers.mjs";
import { root, serve } from "./server.mjs";

const kModel = "/build/models/efficientnet-lite0.onnx";
const kCoffee = "/build/pictures/coffee.png";
const kPage = `<!doctype html><html lang="en"><title>test</title>
<script type="module" src="/web/dist/element.js"></script><main><h1>test</h1></main></html>`;

const { skip, browser, page, server, stop } = await start({ pages: { "/": kPage } });
after(stop);
before(() => skip || page.run(prepare));

/** Runs in the page: what the tests below use there. */
async function prepare() {
  await customElements.whenDefined("synsight-classifier");
  /** Puts an element into the page that has the attributes. */
  window.put = (attributes) => {
    window.element = document.createElement("synsight-classifier");
    for (const [name, value] of Object.entries(attributes))
      window.element.setAttribute(name, value);
    document.querySelector("main").replaceChildren(window.element);
  };
  /** The detail of the element's next event of that name. */
  window.next = (name) =>
    new Promise((done) => {
      const tell = ({ detail }) => {
        const isError = detail instanceof Error;
        done(isError ? { code: detail.code, message: detail.message } : detail);
      };
      window.element.addEventListener(name, tell, { once: true });
    });
  window.find = (selector) => window.element.shadowRoot.querySelector(selector);
  window.fileOf = async (url) => new File([await (await fetch(url)).blob()], "picture.png");
}

/** Puts an element into the page and waits for one of its events; gives the event's detail. */
const elementEvent = (attributes, event) =>
  page.run(
    async (attributes, event) => {
      window.put(attributes);
      return window.next(event);
    },
    attributes,
    event,
  );

/** What the element says. */
const shown = () =>
  page.run(async () => {
    await window.element.updateComplete;
    return window.find("[aria-live]").innerText.trim();
  });

test("the first frame that shows an element has its styles", { skip }, async () => {
  const seen = await page.run(
    () =>
      new Promise((done) => {
        requestAnimationFrame(() => {
          window.put({});
          // The next one comes when the frame of this one was drawn.
          requestAnimationFrame(() => done([]));
          queueMicrotask(() =>
            queueMicrotask(() => {
              const { display, padding } = getComputedStyle(window.find("section"));
              done([display, padding, getComputedStyle(window.element).display]);
            }),
          );
        });
      }),
  );
  assert.deepEqual(seen, ["grid", "16px", "block"]);
});

test(
  "the picture of src is classified, and its classes are shown with bars",
  { skip },
  async () => {
    const result = await elementEvent({ model: kModel, src: kCoffee, top: "3" }, "result");
    assert.equal(result.predictions.length, 3);
    assert.equal(result.predictions[0].label, "espresso");
    assert.match(await shown(), /^espresso\s+\d+\.\d %/);
    const bars = await page.run(async () =>
      [...window.element.shadowRoot.querySelectorAll("[part=bar]")].map((bar) => {
        const [whole, filled] = [bar, bar.firstElementChild].map((it) =>
          it.getBoundingClientRect(),
        );
        return { part: filled.width / whole.width, width: whole.width, height: filled.height };
      }),
    );
    assert.equal(bars.length, 3);
    bars.forEach(({ part, width, height }, i) => {
      assert.ok(width > 20 && height > 1, `bar ${i} is ${width} x ${height}`);
      assert.ok(Math.abs(part - result.predictions[i].probability) < 0.02);
    });
    const picture = await page.run(async () => {
      await window.find("img").decode();
      const { naturalWidth, clientWidth } = window.find("img");
      return { naturalWidth, clientWidth };
    });
    assert.equal(picture.naturalWidth, result.width);
    assert.ok(picture.clientWidth > 20);
  },
);

test("a model's loading is shown and told", { skip }, async () => {
  const half = server.stall(kModel);
  const progress = await page.run(async (model) => {
    window.put({ model });
    let progress;
    do progress = await window.next("progress");
    while (progress.loaded < 0.49 * progress.total); // told every hundredth
    return progress;
  }, `${kModel}?stalled`);
  assert.equal(progress.total, statSync(join(root, kModel)).size);
  assert.match(await shown(), /^Loading the model: \d+\.\d MB/);
  const bar = await page.run(async () => window.find("progress").value);
  assert.ok(Math.abs(bar - 0.5) < 0.02, `the bar is at ${bar}`);
  half.finish();
  const info = await page.run(async () => window.next("ready"));
  assert.equal(info.numClasses, 1000);
  assert.equal(await shown(), "Ready.");
});

test("a dropped, a pasted and a chosen picture are classified", { skip }, async () => {
  await elementEvent({ model: kModel }, "ready");
  const dropped = await page.run(async (url) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(await window.fileOf(url));
    const event = { dataTransfer, bubbles: true, cancelable: true, composed: true };
    const over = new DragEvent("dragover", event);
    window.find(".picture").dispatchEvent(over);
    const told = window.next("result");
    const drop = new DragEvent("drop", event);
    window.find(".picture").dispatchEvent(drop);
    const isTaken = over.defaultPrevented && drop.defaultPrevented;
    return { isTaken, predictions: (await told).predictions };
  }, kCoffee);
  assert.ok(dropped.isTaken, "the browser would show the picture instead");
  assert.equal(dropped.predictions[0].label, "espresso");

  const pasted = await page.run(async (url) => {
    const event = new ClipboardEvent("paste", { clipboardData: new DataTransfer() });
    event.clipboardData.items.add(await window.fileOf(url)); // Firefox ignores that of the line above
    const told = window.next("result");
    document.dispatchEvent(event);
    return told;
  }, kCoffee);
  assert.deepEqual(pasted.predictions, dropped.predictions);

  await page.run(async () => {
    window.told = window.next("result");
  });
  await page.setFile(() => window.find("input[type=file]"), join(root, kCoffee));
  const chosen = await page.run(async () => window.told);
  assert.deepEqual(chosen.predictions, dropped.predictions);
});

test("errors are shown in one line, and told", { skip }, async () => {
  const missing = await elementEvent({ model: "/build/models/none.onnx" }, "error");
  assert.equal(missing.code, "io");
  assert.match(await shown(), /none\.onnx.*404/);
  const wrong = await elementEvent({ model: "/build/pictures/cat.png" }, "error");
  assert.equal(wrong.code, "invalid_model");
  assert.equal(await shown(), wrong.message);
  const picture = await elementEvent({ model: kModel, src: "/README.md" }, "error");
  assert.equal(picture.code, "invalid_image");
  assert.equal(await shown(), picture.message);
  assert.doesNotMatch(picture.message, /\n/);
  const after = await page.run(async (url) => {
    const told = window.next("result");
    await window.element.classify(url);
    return told;
  }, kCoffee);
  assert.equal(after.predictions[0].label, "espresso");
  assert.match(await shown(), /^espresso/);
});

test("a model that was lost is loaded again for the next picture", { skip }, async (t) => {
  const site = await serve({ pages: { "/": kPage, ...breakable() } });
  t.after(site.stop);
  const tab = await browser.open(`${site.origin}/`);
  t.after(tab.close);
  await tab.run(prepare);
  await tab.run(keepWorkers);
  const told = await tab.run(
    async (model, picture) => {
      window.put({ model });
      await window.next("ready");
      window.breakWorkers();
      const told = [];
      for (const event of ["error", "result"]) {
        const next = window.next(event);
        await window.element.classify(picture);
        told.push(await next);
      }
      return told;
    },
    kModel,
    kCoffee,
  );
  assert.match(told[0].message, /^WebAssembly stopped/);
  assert.equal(told[1].predictions[0].label, "espresso");
});

test("a wrong URL of a model is an error as well", { skip }, async () => {
  const wrong = await elementEvent({ model: "http://:" }, "error");
  assert.equal(wrong.code, "invalid_argument");
  assert.equal(await shown(), wrong.message);
});

test("the last of several pictures is the one that is shown", { skip }, async () => {
  await elementEvent({ model: kModel }, "ready");
  const told = await page.run(async () => {
    const labels = [];
    window.element.addEventListener("result", ({ detail }) =>
      labels.push(detail.predictions[0].label),
    );
    const pictures = ["cat.png", "rocket.jpg", "coffee.png"];
    await Promise.all(pictures.map((name) => window.element.classify(`/build/pictures/${name}`)));
    return labels;
  });
  assert.deepEqual(told, ["espresso"]);
  assert.match(await shown(), /^espresso/);
});

test("elements that name one model share it", { skip }, async () => {
  const numBefore = server.requests.length;
  const labels = await page.run(async (model) => {
    const main = document.querySelector("main");
    main.replaceChildren();
    const results = ["coffee.png", "cat.png", "rocket.jpg"].map((name) => {
      const element = document.createElement("synsight-classifier");
      element.setAttribute("model", `${model}?shared`);
      element.setAttribute("src", `/build/pictures/${name}`);
      return new Promise((done) => {
        element.addEventListener("result", ({ detail }) => done(detail.predictions[0].label));
        main.append(element);
      });
    });
    return Promise.all(results);
  }, kModel);
  assert.equal(labels.length, 3);
  assert.equal(labels[0], "espresso");
  const requests = server.requests.slice(numBefore);
  assert.equal(requests.filter((path) => path === kModel).length, 1);
});
