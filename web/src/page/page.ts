// SPDX-License-Identifier: Apache-2.0
// A page in one file: what it needs lies in script elements of type text/plain, gzipped, in base64.
import { SynsightClassifier } from "../element/element.js";
import { setWorker } from "../workplace.js";

export interface Modules {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly relaxed: Uint8Array<ArrayBuffer>;
}

const kBase64Step = 4 * 65536;

/** The page's parts of one kind, by their files' names. */
function parts(kind: string): Promise<File[]> {
  const elements = document.querySelectorAll<HTMLElement>(`script[data-synsight="${kind}"]`);
  return Promise.all(
    Array.from(elements, async (element) => {
      const bytes = await unpack(element.textContent);
      element.remove(); // it is not needed twice
      return new File([bytes], element.dataset.name ?? "");
    }),
  );
}

async function unpack(base64: string): Promise<ArrayBuffer> {
  const packed = new Uint8Array(Math.ceil((base64.length / 4) * 3));
  let size = 0;
  for (let at = 0; at < base64.length; at += kBase64Step) {
    const binary = atob(base64.slice(at, at + kBase64Step));
    for (let i = 0; i < binary.length; ++i) packed[size++] = binary.charCodeAt(i);
  }
  const stream = new Blob([packed.subarray(0, size)])
    .stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function main(): Promise<void> {
  const kinds = ["worker", "plain", "relaxed", "model", "picture"];
  const [script, plain, relaxed, model, picture] = (await Promise.all(kinds.map(parts))).map(
    ([file]) => file,
  );
  const weights = await parts("weights");
  if (!script || !plain || !relaxed || !model) throw new Error("the page is not whole");
  const modules: Modules = {
    plain: new Uint8Array(await plain.arrayBuffer()),
    relaxed: new Uint8Array(await relaxed.arrayBuffer()),
  };
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  setWorker(() => {
    const worker = new Worker(url);
    worker.postMessage(modules);
    return worker;
  });
  const element = document.querySelector("synsight-classifier");
  if (!(element instanceof SynsightClassifier)) throw new Error("the page has no element");
  element.loadFiles([model, ...weights]);
  if (picture) await element.classify(picture);
}

void main().catch((error: unknown) => {
  document.body.append(`This page cannot start: ${String(error)}`);
});
