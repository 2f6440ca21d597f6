// SPDX-License-Identifier: Apache-2.0
import {
  SynsightError,
  type Build,
  type Classification,
  type ModelInfo,
  type Pixels,
  type Prediction,
} from "../types.js";
import { Memory } from "./memory.js";
import type { CreateWasm, Wasm } from "./wasm.js";

/** Bytes in the order of a file, in pieces of any size. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface ModelOptions {
  /** How pictures are fed, by name (`keras-caffe`, `torchvision`, ...), where the model is wrong or silent. */
  readonly preset?: string | undefined;
  /** Single fields of that: `{resize: "shorter 256", color: "BGR"}`. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
}

export interface RunOptions {
  /** How many classes; 5. */
  readonly top?: number | undefined;
  /** Of the whole call; none. */
  readonly timeoutMs?: number | undefined;
}

const kDefaultTop = 5;

// sizeof and offsets of the structs of synsight.h with pointers of four bytes.
const kPrediction = { size: 16, index: 0, wnid: 4, label: 8, probability: 12 };
const kClassification = {
  numPredictions: 0,
  predictions: 4,
  width: 8,
  height: 12,
  decodeMs: 16,
  preprocessMs: 24,
  inferenceMs: 32,
};
const kInfo = { inputSpec: 0, guess: 4, numClasses: 8 };
const kRunOptions = { size: 16, cancel: 4, timeoutMs: 8 };

/** One instance of the WebAssembly module. It computes on the thread that calls it. */
export class Engine {
  private readonly memory: Memory;

  private constructor(
    private readonly wasm: Wasm,
    readonly build: Build,
  ) {
    this.memory = new Memory(wasm);
  }

  /** Starts a build's module. Throws SynsightError. */
  static async start(build: Build, create: CreateWasm): Promise<Engine> {
    try {
      return new Engine(await create(), build);
    } catch (error) {
      throw new SynsightError("internal", `WebAssembly does not start: ${String(error)}`);
    }
  }

  /**
   * Reads and compiles a model. `external` gives the pieces of each file of external data, by its plain name. Throws
   * SynsightError.
   */
  async load(
    model: Pieces,
    external: (name: string) => Pieces | Promise<Pieces>,
    options: ModelOptions = {},
  ): Promise<LoadedModel> {
    const { wasm, memory } = this;
    const reader = memory.call((result, message) => wasm._synsight_reader_create(result, message));
    try {
      await this.feed(model, (bytes, size, message) =>
        wasm._synsight_reader_feed(reader, bytes, size, message),
      );
      for (const name of this.externalFiles(reader)) {
        await this.feedExternal(reader, name, await external(name));
      }
      const graph = memory.call((result, message) =>
        wasm._synsight_reader_finish(reader, result, message),
      );
      try {
        return new LoadedModel(wasm, memory, this.compile(graph, options), this.build);
      } finally {
        wasm._synsight_model_free(graph);
      }
    } finally {
      wasm._synsight_reader_free(reader);
    }
  }

  private externalFiles(reader: number): string[] {
    const { wasm, memory } = this;
    const list = memory.call((result, message) =>
      wasm._synsight_reader_external_files(reader, result, message),
    );
    const names: string[] = [];
    for (let at = list; memory.u32(at) !== 0; at += 4) names.push(memory.text(memory.u32(at)));
    return names;
  }

  private async feedExternal(reader: number, name: string, pieces: Pieces): Promise<void> {
    const text = this.memory.copyInText(name);
    try {
      await this.feed(pieces, (bytes, size, message) =>
        this.wasm._synsight_reader_feed_external(reader, text, bytes, size, message),
      );
    } finally {
      this.wasm._free(text);
    }
  }

  /** Passes the pieces on through one small buffer. */
  private async feed(
    pieces: Pieces,
    take: (bytes: number, size: number, message: number) => number,
  ): Promise<void> {
    const bufferBytes = 256 * 1024;
    const buffer = this.memory.allocate(bufferBytes);
    try {
      for await (const piece of pieces) {
        for (let at = 0; at < piece.length; at += bufferBytes) {
          const part = piece.subarray(at, at + bufferBytes);
          this.memory.write(buffer, part);
          this.memory.call((_, message) => take(buffer, part.length, message));
        }
      }
    } finally {
      this.wasm._free(buffer);
    }
  }

  private compile(graph: number, options: ModelOptions): number {
    const { wasm, memory } = this;
    const texts = Object.entries(options.overrides ?? {}).flat();
    if (options.preset !== undefined) texts.push("preset", options.preset);
    const pointers = texts.map((text) => memory.copyInText(text));
    const list = memory.allocate(4 * (pointers.length + 1));
    try {
      [...pointers, 0].forEach((pointer, i) => memory.setU32(list + 4 * i, pointer));
      return memory.call((result, message) =>
        wasm._synsight_classifier_create(graph, list, result, message),
      );
    } finally {
      for (const pointer of [...pointers, list]) wasm._free(pointer);
    }
  }
}

/** A compiled model, until it is disposed. */
export class LoadedModel {
  readonly info: ModelInfo;

  constructor(
    private readonly wasm: Wasm,
    private readonly memory: Memory,
    private classifier: number,
    build: Build,
  ) {
    const info = wasm._synsight_classifier_get_info(classifier) >>> 0;
    const lines = memory
      .text(memory.u32(info + kInfo.inputSpec))
      .split("\n")
      .filter(Boolean);
    this.info = {
      inputSpec: Object.fromEntries(
        lines.map((line) => {
          const space = line.indexOf(" ");
          return [line.slice(0, space), line.slice(space + 1)];
        }),
      ),
      guess: memory.text(memory.u32(info + kInfo.guess)),
      numClasses: memory.u32(info + kInfo.numClasses),
      build,
    };
  }

  /** Classifies the bytes of a JPEG, PNG, BMP or GIF file. Throws SynsightError. */
  classify(encoded: Uint8Array, options: RunOptions = {}): Classification {
    return this.run(encoded, options, (bytes, run, result, message) =>
      this.wasm._synsight_classify(
        this.classifier,
        bytes,
        encoded.length,
        options.top ?? kDefaultTop,
        run,
        result,
        message,
      ),
    );
  }

  /** Classifies pixels that are decoded already; alpha is not read. Throws SynsightError. */
  classifyPixels(pixels: Pixels, options: RunOptions = {}): Classification {
    if (pixels.data.length !== pixels.width * pixels.height * 4) {
      throw new SynsightError(
        "invalid_argument",
        `${pixels.width} x ${pixels.height} RGBA pixels are ${pixels.width * pixels.height * 4} bytes, not ${pixels.data.length}`,
      );
    }
    return this.run(pixels.data, options, (bytes, run, result, message) =>
      this.wasm._synsight_classify_pixels(
        this.classifier,
        bytes,
        pixels.width,
        pixels.height,
        options.top ?? kDefaultTop,
        run,
        result,
        message,
      ),
    );
  }

  /** Gives the memory back, to the next model. */
  dispose(): void {
    this.wasm._synsight_classifier_free(this.classifier);
    this.classifier = 0;
  }

  private run(
    input: Uint8Array | Uint8ClampedArray,
    options: RunOptions,
    call: (bytes: number, options: number, result: number, message: number) => number,
  ): Classification {
    const { wasm, memory } = this;
    const bytes = memory.copyIn(input);
    const runOptions = memory.allocate(kRunOptions.size);
    try {
      memory.setU32(runOptions, kRunOptions.size);
      memory.setU32(runOptions + kRunOptions.cancel, 0);
      memory.setF64(runOptions + kRunOptions.timeoutMs, options.timeoutMs ?? 0);
      const answer = memory.call((result, message) => call(bytes, runOptions, result, message));
      const classification = this.read(answer);
      wasm._synsight_classification_free(answer);
      return classification;
    } finally {
      wasm._free(runOptions);
      wasm._free(bytes);
    }
  }

  private read(answer: number): Classification {
    const { memory } = this;
    const predictions: Prediction[] = [];
    const first = memory.u32(answer + kClassification.predictions);
    for (let i = 0; i < memory.u32(answer + kClassification.numPredictions); ++i) {
      const at = first + i * kPrediction.size;
      predictions.push({
        index: memory.u32(at + kPrediction.index),
        wnid: memory.text(memory.u32(at + kPrediction.wnid)),
        label: memory.text(memory.u32(at + kPrediction.label)),
        probability: memory.f32(at + kPrediction.probability),
      });
    }
    return {
      predictions,
      width: memory.i32(answer + kClassification.width),
      height: memory.i32(answer + kClassification.height),
      timings: {
        decode: memory.f64(answer + kClassification.decodeMs),
        preprocess: memory.f64(answer + kClassification.preprocessMs),
        inference: memory.f64(answer + kClassification.inferenceMs),
      },
    };
  }
}
