// SPDX-License-Identifier: Apache-2.0
import { SynsightError, type Build } from "../types.js";
import { Memory } from "./memory.js";
import { LoadedModel } from "./model.js";
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

const kMaxThreads = 256; // the core's bound

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
      const externalFiles = this.externalFiles(reader);
      for (const name of externalFiles) {
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
        return new LoadedModel(wasm, memory, classifier, {
          build: this.build,
          externalFiles,
          threads,
        });
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
