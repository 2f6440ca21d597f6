// SPDX-License-Identifier: Apache-2.0
// The element as its users see it: without what it is made with.
import type { Result } from "../classifier.js";
import type { ImageSource, ModelInfo, SynsightError } from "../types.js";

/** The element's own events, by name. They bubble, and leave shadow roots. */
export interface SynsightEvents {
  /** The model is loaded. */
  ready: CustomEvent<ModelInfo>;
  /** Bytes of the model so far and in all; `total` is 0 where it is not known. */
  progress: CustomEvent<{ readonly loaded: number; readonly total: number }>;
  /** A picture's classes. */
  result: CustomEvent<Result>;
  error: CustomEvent<SynsightError>;
}

/** All events of the element, by name. */
export type SynsightClassifierEventMap = Omit<HTMLElementEventMap, keyof SynsightEvents> &
  SynsightEvents;

type Listener<Name extends keyof SynsightClassifierEventMap> = (
  this: SynsightClassifier,
  event: SynsightClassifierEventMap[Name],
) => unknown;

/**
 * <synsight-classifier model="model.onnx" src="photo.jpg" top="5" camera>: a picture, dropped, pasted, chosen or taken, and
 * its classes.
 */
export interface SynsightClassifier extends HTMLElement {
  /** The model's URL, or its bytes, which only the property takes. */
  model: string | Blob;
  /** A picture's URL, classified at once. */
  src: string;
  /** How many classes are shown; 5. */
  top: number;
  /** The URL of a text that names the classes, one a line, where the model does not. */
  labels: string;
  /** Whether there is a button for the camera. */
  camera: boolean;

  /** Shows and classifies a picture; its result or error is told by events as well. Null after an error. */
  classify(image: ImageSource): Promise<Result | null>;
  /** Takes what was chosen or dropped: an .onnx file, with the files of its weights, or a picture. */
  loadFiles(files: readonly File[]): void;

  addEventListener<Name extends keyof SynsightClassifierEventMap>(
    name: Name,
    listener: Listener<Name>,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof SynsightClassifierEventMap>(
    name: Name,
    listener: Listener<Name>,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "synsight-classifier": SynsightClassifier;
  }
}
