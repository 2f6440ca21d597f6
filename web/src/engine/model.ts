// SPDX-License-Identifier: Apache-2.0
import {
  SynsightError,
  type Classification,
  type ModelInfo,
  type Pixels,
  type Prediction,
  type Tensor,
} from "../types.js";
import type { Memory } from "./memory.js";
import { kTensorSize, readTensor, writeTensor } from "./tensors.js";
import type { Wasm } from "./wasm.js";

export interface RunOptions {
  /** How many classes; 5. */
  readonly top?: number | undefined;
  /** Of decoding, preparing and running; none. */
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
const kOutputs = { numTensors: 0, tensors: 4 };

/** A compiled model, until it is disposed. */
export class LoadedModel {
  readonly info: ModelInfo;

  constructor(
    private readonly wasm: Wasm,
    private readonly memory: Memory,
    private classifier: number,
    loaded: Pick<ModelInfo, "build" | "externalFiles" | "threads">,
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
      ...loaded,
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
