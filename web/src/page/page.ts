// SPDX-License-Identifier: Apache-2.0
// A page in one file: what it needs lies in script elements of type text/plain, gzipped, in base64.
import { SynsightClassifier } from "../element/element.js";
import { setWorker } from "../workplace.js";

export interface Modules {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly relaxed: Uint8Array<ArrayBuffer>;
}

const kBase64Step = 4 * 65536;

/** The bytes of the page's part of this name; null where it has none. */
async function part(name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const element = document.getElementById(`synsight-${name}`);
  if (!element) return null;
  const base64 = element.textContent;
  element.remove(); // it is not needed twice
  const packed = new Uint8Array(Math.ceil((base64.length / 4) * 3));
  let size = 0;
  for (let at = 0; at < base64.length; at += kBase64Step) {
    const binary = atob(base64.slice(at, at + kBase64Step));
    for (let i = 0; i < binary.length; ++i) packed[size++] = binary.charCodeAt(i);
  }
  const stream = new Blob([packed.subarray(0, size)])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function main(): Promise<void> {
  const [script, plain, relaxed, model, picture] = await Promise.all(
    ["worker", "plain", "relaxed", "model", "picture"].map(part),
  );
  if (!script || !plain || !relaxed || !model) throw new Error("the page is not whole");
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  setWorker(() => {
    const worker = new Worker(url);
    worker.postMessage({ plain, relaxed } satisfies Modules);
    return worker;
  });
  const element = document.querySelector("synsight-classifier");
  if (!(element instanceof SynsightClassifier)) throw new Error("the page has no element");
  element.model = new Blob([model]);
  if (picture) await element.classify(new Blob([picture]));
}

void main().catch((error: unknown) => {
  document.body.append(`This page cannot start: ${String(error)}`);
});
