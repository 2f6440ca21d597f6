// SPDX-License-Identifier: Apache-2.0
// The demo page after its server has stopped.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { start } from "./browsers.mjs";
import { root } from "./server.mjs";

const { skip, page, server, stop } = await start({ folders: { "/": join(root, "build/site/") } });
after(stop);

/** Clicks a sample, and waits for its class and for the times. */
const classify = () =>
  page.run(async () => {
    const until = async (found) => {
      while (!found()) await new Promise((done) => requestAnimationFrame(done));
    };
    const element = document.querySelector("synsight-classifier");
    await customElements.whenDefined("synsight-classifier");
    await until(() => document.querySelector("#samples img[alt~=coffee]"));
    document.querySelector("#samples img[alt~=coffee]").parentElement.click();
    await until(() => element.shadowRoot.querySelector("[part=label], [part=error]"));
    await until(() => document.querySelector("#measured").textContent.includes("inference"));
    return {
      label: element.shadowRoot.querySelector("[part=label]").textContent,
      measured: document.querySelector("#measured").textContent,
      isIsolated: globalThis.crossOriginIsolated,
    };
  });

/** Whether the page gets its service worker, within some seconds. */
const isKept = () =>
  page.run(async () => {
    for (let frames = 0; frames < 300 && !navigator.serviceWorker.controller; ++frames) {
      await new Promise((done) => requestAnimationFrame(done));
    }
    return navigator.serviceWorker.controller !== null;
  });

test(
  "the page classifies after its server has stopped and it is loaded again",
  { skip },
  async () => {
    await page.goto(`${server.origin}/index.html`);
    const first = await classify();
    assert.equal(first.label, "espresso");
    assert.match(first.measured, /one thread/);
    // WebKit's worker now and then starts with the next visit only.
    for (let visits = 1; visits < 4 && !(await isKept()); ++visits) {
      await page.goto(`${server.origin}/index.html`);
    }
    assert.ok(await isKept());
    // Once more with the worker, which keeps the network that is used.
    await page.goto(`${server.origin}/index.html`);
    assert.equal((await classify()).label, "espresso");

    await server.stop();
    await page.goto(`${server.origin}/index.html`);
    const last = await classify();
    assert.equal(last.label, "espresso");
    // The worker gives the page the headers that its server did not.
    assert.equal(last.isIsolated, true);
  },
);
