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

/** A WebAssembly build, by its SIMD. */
export type Build = "plain" | "relaxed";

/** Where bytes come from: a URL, a file that was chosen or dropped, the bytes, or a stream of them. */
export type ByteSource =
  string | URL | Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array>;

/** Bytes so far and in all; `total` is 0 where the server does not tell. */
export type Progress = (loaded: number, total: number) => void;

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
  /** The plain names of the files that its weights lie in beside the model's own. */
  readonly externalFiles: readonly string[];
  /** How many threads compute. */
  readonly threads: number;
}

/** Elements in row-major order. */
export interface Tensor {
  /** ONNX's name. */
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** float16 and bfloat16 as their 16 bits, bool as bytes of 0 and 1. */
  readonly data: TensorData;
}

export type DType =
  | "float32"
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "int32"
  | "int64"
  | "bool"
  | "float16"
  | "float64"
  | "uint32"
  | "uint64"
  | "bfloat16";

export type TensorData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;

/** RGBA pixels, 8 bits each, row by row; ImageData is one. */
export interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * A picture: the bytes of a file, its URL, decoded pixels, or what a page shows. Bytes of JPEG, PNG, BMP and GIF files
 * are decoded by the core, alike in every browser; other formats, and what is already decoded, are the browser's.
 */
export type ImageSource =
  | string
  | URL
  | Blob
  | ArrayBuffer
  | Uint8Array
  | Pixels
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | OffscreenCanvas
  | HTMLVideoElement
  | VideoFrame;

/** Who decoded a picture; `none`: it came as pixels. */
export type Decoder = "synsight" | "browser" | "none";
