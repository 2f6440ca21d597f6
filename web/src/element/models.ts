// SPDX-License-Identifier: Apache-2.0
// The models of a page: elements that name the same one share it.
import { Classifier } from "../classifier.js";
import type { Progress } from "../worker/source.js";

interface Shared {
  readonly classifier: Promise<Classifier>;
  readonly listeners: Set<Progress>;
  numUsers: number;
}

const models = new Map<string, Shared>();

/** The model of a URL, which is loaded once. To be given back by `release`. */
export function acquire(url: string, onProgress: Progress): Promise<Classifier> {
  let shared = models.get(url);
  if (!shared) {
    const listeners = new Set<Progress>();
    const classifier = Classifier.load(url, {
      onProgress: (loaded, total) => listeners.forEach((listener) => listener(loaded, total)),
    });
    shared = { classifier, listeners, numUsers: 0 };
    models.set(url, shared);
    classifier.catch(() => models.delete(url)); // the next element tries again
  }
  ++shared.numUsers;
  shared.listeners.add(onProgress);
  return shared.classifier;
}

export function release(url: string, onProgress: Progress): void {
  const shared = models.get(url);
  if (!shared?.listeners.delete(onProgress) || --shared.numUsers > 0) return;
  models.delete(url);
  void shared.classifier.then((classifier) => classifier.dispose()).catch(() => undefined);
}
