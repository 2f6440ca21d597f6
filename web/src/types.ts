// SPDX-License-Identifier: Apache-2.0

/** What went wrong, as far as a caller would act on it: the C API's names. */
export type ErrorCode =
  | "invalid_argument"
  | "invalid_model"
  | "invalid_image"
  | "unsupported_op"
  | "unsupported_type"
  | "shape_mismatch"
  | "out_of_memory"
  | "io"
  | "device"
  | "cancelled"
  | "deadline_exceeded"
  | "internal";

/** Every error of this package. The message says where, what was found and what was wanted. */
export class SynsightError extends Error {
  override readonly name = "SynsightError";

  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** A WebAssembly build: its SIMD, and whether it has threads. */
export type Build = "plain" | "relaxed";

/** One class of a picture. */
export interface Prediction {
  readonly index: number;
  /** WordNet's id, `n02123045`; empty where the classes are not ImageNet's. */
  readonly wnid: string;
  readonly label: string;
  /** 0 to 1. */
  readonly probability: number;
}

/** The answer for one picture. */
export interface Classification {
  /** Best first. */
  readonly predictions: readonly Prediction[];
  /** Of the picture, upright, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Milliseconds. */
  readonly timings: Timings;
}

export interface Timings {
  readonly decode: number;
  readonly preprocess: number;
  readonly inference: number;
}

/** What is known of a loaded model. */
export interface ModelInfo {
  /** How pictures are fed: `resize` to `shorter 256`, `color` to `RGB`, ... */
  readonly inputSpec: Readonly<Record<string, string>>;
  /** What the model did not say and was guessed, for people; may be empty. */
  readonly guess: string;
  readonly numClasses: number;
  readonly build: Build;
}

/** RGBA pixels, 8 bits each, row by row; ImageData is one. */
export interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}
