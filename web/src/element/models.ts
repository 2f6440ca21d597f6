// SPDX-License-Identifier: Apache-2.0
// The models of a page: elements that name the same one share it.
import { Classifier, SynsightError, type Progress } from "../index.js";

/** A model and its classes, by URL; a model also by its bytes. */
export interface ModelKey {
  readonly model: string | Blob;
  /** Empty: the model names its classes. */
  readonly labels: string;
  /** The files of its weights, by name; of a URL they are fetched. */
  readonly externalData: ReadonlyMap<string, Blob>;
}

interface Shared {
  readonly key: ModelKey;
  readonly classifier: Promise<Classifier>;
  readonly listeners: Set<Progress>;
}

const models = new Set<Shared>();

/** A model, which is loaded once. To be given back by `release`. */
export function acquire(key: ModelKey, onProgress: Progress): Promise<Classifier> {
  let shared = find(key);
  if (!shared) {
    const listeners = new Set<Progress>();
    const loading = load(key, (...progress) => listeners.forEach((listen) => listen(...progress)));
    const made: Shared = { key, classifier: loading, listeners };
    shared = made;
    models.add(made);
    loading.catch(() => models.delete(made)); // the next element tries again
  }
  shared.listeners.add(onProgress);
  return shared.classifier;
}

export function release(key: ModelKey, onProgress: Progress): void {
  const shared = find(key);
  if (!shared?.listeners.delete(onProgress) || shared.listeners.size > 0) return;
  models.delete(shared);
  void shared.classifier.then((classifier) => classifier.dispose()).catch(() => undefined);
}

/** Who asks again for a model that was lost has it loaded anew. */
export function forget(lost: Promise<Classifier>): void {
  for (const shared of models) if (shared.classifier === lost) models.delete(shared);
}

function find(key: ModelKey): Shared | undefined {
  return [...models].find(
    ({ key: { model, labels } }) => model === key.model && labels === key.labels,
  );
}

async function load(key: ModelKey, onProgress: Progress): Promise<Classifier> {
  const { model, labels, externalData } = key;
  return Classifier.load(model, {
    onProgress,
    externalData: Object.fromEntries(externalData),
    ...(labels && { labels: await fetchLines(labels) }),
  });
}

/** The lines of a text. Throws SynsightError. */
async function fetchLines(url: string): Promise<string[]> {
  let why: string;
  try {
    const response = await fetch(url);
    if (response.ok) return (await response.text()).trim().split(/\r?\n/);
    why = `the server answered ${response.status}`;
  } catch (error) {
    why = String(error);
  }
  throw new SynsightError("io", `cannot fetch ${url}: ${why}`);
}
