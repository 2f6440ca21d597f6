// SPDX-License-Identifier: Apache-2.0
import {
  SynsightError,
  type Build,
  type Classification,
  type ModelInfo,
  type Pixels,
  type Prediction,
  type Tensor,
} from "../types.js";
import { Memory } from "./memory.js";
import { kTensorSize, readTensor, writeTensor } from "./tensors.js";
import type { Wasm } from "./wasm.js";

/** Bytes in the order of a file, in pieces of any size. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface ModelOptions {
  /** How pictures are fed, by name (`keras-caffe`, `torchvision`, ...), where the model is wrong or silent. */
  readonly preset?: string | undefined;
  /** Single fields of that: `{resize: "shorter 256", color: "BGR"}`. */
  readonly overrides?: Readonly<Record<string, string>> | undefined;
  /** The classes' labels, one a line, where the model does not name them or names them wrongly. */
  readonly classes?: string | undefined;
  /** How many threads compute, in a build that has them; 1. */
  readonly threads?: number | undefined;
}

export interface RunOptions {
  /** How many classes; 5. */
  readonly top?: number | undefined;
  /** Of decoding, preparing and running; none. */
  readonly timeoutMs?: number | undefined;
}

const kDefaultTop = 5;
const kMaxThreads = 256; // the core's bound

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
const kOutputs = { numTensors: 0, tensors: 4 };

/** One instance of the WebAssembly module. It computes on the thread that calls it, and on threads of its own. */
export class Engine {
  private readonly memory: Memory;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly wasm: Wasm,
    readonly build: Build,
  ) {
    this.memory = new Memory(wasm);
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
    const threads = this.countThreads(options.threads ?? 1);
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
        // One model's threads at a time: no other may take the workers in between.
        const classifier = await this.inTurn(async () => {
          await this.startWorkers(threads - 1);
          return this.compile(graph, { ...options, threads });
        });
        return new LoadedModel(wasm, memory, classifier, this.build, threads);
      } finally {
        wasm._synsight_model_free(graph);
      }
    } finally {
      wasm._synsight_reader_free(reader);
    }
  }

  /** Starts what so many threads take beside this one. Throws SynsightError. */
  startThreads(wanted: number): Promise<void> {
    const threads = this.countThreads(wanted);
    return this.inTurn(() => this.startWorkers(threads - 1));
  }

  private inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.last.then(run);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  private countThreads(wanted: number): number {
    if (!Number.isInteger(wanted) || wanted < 1 || wanted > kMaxThreads) {
      throw new SynsightError(
        "invalid_argument",
        `threads is ${wanted}, wanted a number from 1 to ${kMaxThreads}`,
      );
    }
    return this.wasm.PThread ? wanted : 1;
  }

  /** The workers that become a model's threads; a thread that waits for them could not start them. */
  private async startWorkers(count: number): Promise<void> {
    const { PThread } = this.wasm;
    while (PThread && PThread.unusedWorkers.length < count) {
      PThread.allocateUnusedWorker();
      const worker = PThread.unusedWorkers.at(-1);
      if (!worker) return;
      try {
        await PThread.loadWasmModuleToWorker(worker);
      } catch (error) {
        PThread.unusedWorkers.splice(PThread.unusedWorkers.indexOf(worker), 1);
        worker.terminate();
        throw new SynsightError("device", `a thread does not start: ${String(error)}`);
      }
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
    texts.push("threads", String(options.threads ?? 1));
    if (options.classes !== undefined) texts.push("classes", options.classes);
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
    threads: number,
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
      threads,
    };
  }

  /** Whether bytes begin as those of a picture that the core decodes. */
  isImage(bytes: Uint8Array): boolean {
    const pointer = this.memory.copyIn(bytes.subarray(0, 64));
    const answer = this.wasm._synsight_is_image(pointer, Math.min(bytes.length, 64));
    this.wasm._free(pointer);
    return answer !== 0;
  }

  /** The network's input of a JPEG, PNG, BMP or GIF file's bytes, or of pixels. Throws SynsightError. */
  prepare(picture: Uint8Array | Pixels): Prepared {
    const { wasm, classifier } = this;
    if (picture instanceof Uint8Array) {
      return this.withBytes(picture, (bytes, result, message) =>
        wasm._synsight_prepare(classifier, bytes, picture.length, result, message),
      );
    }
    const { data, width, height } = picture;
    if (data.length !== width * height * 4) {
      throw new SynsightError(
        "invalid_argument",
        `${width} x ${height} RGBA pixels are ${width * height * 4} bytes, not ${data.length}`,
      );
    }
    return this.withBytes(data, (bytes, result, message) =>
      wasm._synsight_prepare_pixels(classifier, bytes, width, height, result, message),
    );
  }

  /** Starts to classify a prepared picture; what this model did before is over. Throws SynsightError. */
  start(prepared: Prepared, { top, timeoutMs }: RunOptions = {}): Task {
    const { wasm, memory } = this;
    const options = memory.allocate(kRunOptions.size);
    try {
      memory.setU32(options, kRunOptions.size);
      memory.setU32(options + kRunOptions.cancel, 0);
      memory.setF64(options + kRunOptions.timeoutMs, timeoutMs ?? 0);
      const task = memory.call((result, message) =>
        wasm._synsight_task_create(
          this.classifier,
          prepared.pointer,
          top ?? kDefaultTop,
          options,
          result,
          message,
        ),
      );
      return new Task(wasm, memory, task);
    } finally {
      wasm._free(options);
    }
  }

  /** Runs the network on tensors, one an input. Throws SynsightError. */
  run(inputs: readonly Tensor[]): Tensor[] {
    const { wasm, memory } = this;
    const list = memory.allocate(kTensorSize * inputs.length);
    const allocated = [list];
    try {
      inputs.forEach((tensor, i) =>
        allocated.push(...writeTensor(memory, list + kTensorSize * i, tensor)),
      );
      const session = wasm._synsight_classifier_session(this.classifier) >>> 0;
      const outputs = memory.call((result, message) =>
        wasm._synsight_session_run(session, list, inputs.length, 0, result, message),
      );
      const first = memory.u32(outputs + kOutputs.tensors);
      const tensors = Array.from({ length: memory.u32(outputs + kOutputs.numTensors) }, (_, i) =>
        readTensor(memory, first + kTensorSize * i),
      );
      wasm._synsight_outputs_free(outputs);
      return tensors;
    } finally {
      for (const pointer of allocated) wasm._free(pointer);
    }
  }

  /** Gives the memory back, to the next model. */
  dispose(): void {
    this.wasm._synsight_classifier_free(this.classifier);
    this.classifier = 0;
  }

  private withBytes(
    input: Uint8Array | Uint8ClampedArray,
    call: (bytes: number, result: number, message: number) => number,
  ): Prepared {
    const bytes = this.memory.copyIn(input);
    try {
      const pointer = this.memory.call((result, message) => call(bytes, result, message));
      return new Prepared(this.wasm, this.memory, pointer);
    } finally {
      this.wasm._free(bytes);
    }
  }
}

/** A picture as the network takes it, until it is disposed. */
export class Prepared {
  constructor(
    private readonly wasm: Wasm,
    private readonly memory: Memory,
    readonly pointer: number,
  ) {}

  tensor(): Tensor {
    return readTensor(this.memory, this.pointer);
  }

  dispose(): void {
    this.wasm._synsight_prepared_free(this.pointer);
  }
}

/** A picture that is being classified, until it is disposed. */
export class Task {
  constructor(
    private readonly wasm: Wasm,
    private readonly memory: Memory,
    private readonly pointer: number,
  ) {}

  /** Goes on for about `sliceMs`; null where there is more to do. Throws SynsightError. */
  advance(sliceMs: number): Classification | null {
    const answer = this.memory.call((result, message) =>
      this.wasm._synsight_task_advance(this.pointer, sliceMs, result, message),
    );
    if (answer === 0) return null;
    const classification = this.read(answer);
    this.wasm._synsight_classification_free(answer);
    return classification;
  }

  dispose(): void {
    this.wasm._synsight_task_free(this.pointer);
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
