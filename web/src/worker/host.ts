// SPDX-License-Identifier: Apache-2.0
// What runs in the worker, or under Node in the caller's thread. Its methods take and give what passes between threads, and
// never throw: an error's class would not arrive.
import type { Engine, ModelOptions } from "../engine/engine.js";
import type { LoadedModel, Prepared, RunOptions } from "../engine/model.js";
import { chooseBuild } from "../engine/choose.js";
import { startEngine, type Builds } from "../engine/start.js";
import {
  SynsightError,
  type Build,
  type Classification,
  type Decoder,
  type ErrorCode,
  type ModelInfo,
  type Pixels,
  type Progress,
  type Tensor,
} from "../types.js";
import { canDecode, decode } from "./draw.js";
import { cancelled, open, readAll, type Source } from "./source.js";

export type Answer<T> =
  | { readonly kind: "value"; readonly value: T }
  | {
      readonly kind: "error";
      readonly code: ErrorCode;
      readonly message: string;
      /** WebAssembly stopped in the middle: nothing holds any longer of what this host has in its memory. */
      readonly isFatal?: boolean;
    };

export interface LoadRequest {
  readonly model: Source;
  /** By plain file name. What is not here is fetched from beside the model's URL. */
  readonly externalData: Readonly<Record<string, Source>>;
  readonly options: ModelOptions;
  readonly build?: Build | undefined;
  readonly cache?: string | undefined;
}

/** Encoded bytes, or decoded pixels. */
export type Picture =
  | { readonly kind: "encoded"; readonly source: Source }
  | { readonly kind: "pixels"; readonly pixels: Pixels };

export type Classified = Classification & { readonly decodedBy: Decoder };

/** How long a run keeps the thread before it listens. */
const kSliceMs = 25;

/** `id` names a call, for `abort`; what `load` was called with names its model, too. */
export class Host {
  private readonly engines = new Map<Build, Promise<Engine>>();
  private readonly models = new Map<number, LoadedModel>();
  private readonly calls = new Map<number, AbortController>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly builds: Builds) {}

  load(id: number, request: LoadRequest, onProgress?: Progress): Promise<Answer<ModelInfo>> {
    return this.answer(id, async (signal) => {
      const { cache } = request;
      const options = { signal, onProgress, cache };
      const external = (name: string) => open(externalSource(request, name), options);
      // The model is on its way while the module is compiled.
      const [engine, model] = await Promise.all([
        this.engine(request.build),
        open(request.model, options),
      ]);
      const loaded = await engine.load(model, external, request.options);
      if (signal.aborted) {
        loaded.dispose();
        throw cancelled();
      }
      this.models.set(id, loaded);
      return loaded.info;
    });
  }

  /** Starts a build and what so many threads of it take, so that it is known whether they start. */
  startThreads(id: number, build: Build, threads: number): Promise<Answer<void>> {
    return this.answer(id, async () => (await this.engine(build)).startThreads(threads));
  }

  classify(
    id: number,
    model: number,
    picture: Picture,
    options: RunOptions,
  ): Promise<Answer<Classified>> {
    return this.answer(id, async (signal) => {
      const given = await fetchPicture(picture);
      return this.inTurn(async () => {
        const { prepared, decodedBy } = await this.prepareNow(model, given);
        try {
          const task = this.model(model).start(prepared, options);
          try {
            for (;;) {
              if (signal.aborted) throw cancelled();
              const classification = task.advance(kSliceMs);
              if (classification) return { ...classification, decodedBy };
              await messages();
            }
          } finally {
            task.dispose();
          }
        } finally {
          prepared.dispose();
        }
      });
    });
  }

  /** The tensor that the network is fed. */
  prepare(id: number, model: number, picture: Picture): Promise<Answer<Tensor>> {
    return this.answer(id, async () => {
      const given = await fetchPicture(picture);
      return this.inTurn(async () => {
        const { prepared } = await this.prepareNow(model, given);
        try {
          return prepared.tensor();
        } finally {
          prepared.dispose();
        }
      });
    });
  }

  /** The network's outputs of tensors, in order. */
  run(id: number, model: number, inputs: readonly Tensor[]): Promise<Answer<Tensor[]>> {
    return this.answer(id, () => this.inTurn(async () => this.model(model).run(inputs)));
  }

  /** Stops a call: a download at once, a run at the next node that ends a slice. */
  abort(id: number): void {
    this.calls.get(id)?.abort();
  }

  /** After what is under way. */
  dispose(model: number): void {
    this.abort(model);
    void this.inTurn(async () => {
      this.models.get(model)?.dispose();
      this.models.delete(model);
    });
  }

  private model(id: number): LoadedModel {
    const model = this.models.get(id);
    if (!model) throw new SynsightError("invalid_argument", "the classifier was disposed");
    return model;
  }

  private async prepareNow(
    id: number,
    picture: Pixels | Uint8Array<ArrayBuffer>,
  ): Promise<{ prepared: Prepared; decodedBy: Decoder }> {
    if (!(picture instanceof Uint8Array)) {
      return { prepared: this.model(id).prepare(picture), decodedBy: "none" };
    }
    // WebP, AVIF and the like.
    if (!this.model(id).isImage(picture) && canDecode()) {
      const pixels = await decode(picture);
      if (pixels) return { prepared: this.model(id).prepare(pixels), decodedBy: "browser" };
    }
    return { prepared: this.model(id).prepare(picture), decodedBy: "synsight" };
  }

  /** Runs when all that was asked for before has ended. */
  private inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.last.then(run);
    this.last = turn.catch(() => undefined);
    return turn;
  }

  /** All models of a build share its module and its memory. */
  private async engine(wanted: Build | undefined): Promise<Engine> {
    const build = wanted ?? (await chooseBuild());
    const files = this.builds[build];
    if (!files) throw new SynsightError("invalid_argument", `there is no build "${build}" here`);
    let engine = this.engines.get(build);
    if (!engine) {
      engine = startEngine(build, files);
      this.engines.set(build, engine);
      engine.catch(() => this.engines.delete(build));
    }
    return engine;
  }

  private async answer<T>(
    id: number,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<Answer<T>> {
    const controller = new AbortController();
    this.calls.set(id, controller);
    try {
      return { kind: "value", value: await run(controller.signal) };
    } catch (error) {
      if (error instanceof SynsightError) {
        return { kind: "error", code: error.code, message: error.message };
      }
      const message = String(error);
      if (error instanceof WebAssembly.RuntimeError) {
        const lost = `WebAssembly stopped (${message}): its models are lost, load them again`;
        return { kind: "error", code: "internal", message: lost, isFatal: true };
      }
      // The browser's own errors, when memory cannot grow.
      const code = message.includes("memory") ? "out_of_memory" : "internal";
      return { kind: "error", code, message };
    } finally {
      this.calls.delete(id);
    }
  }
}

async function fetchPicture(picture: Picture): Promise<Pixels | Uint8Array<ArrayBuffer>> {
  return picture.kind === "encoded" ? readAll(picture.source) : picture.pixels;
}

/** Lets the messages come in that have arrived. */
function messages(): Promise<void> {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(null);
  });
}

function externalSource(request: LoadRequest, name: string): Source {
  const given = Object.hasOwn(request.externalData, name) ? request.externalData[name] : undefined;
  if (given) return given;
  if (request.model.kind === "url") {
    return { kind: "url", url: new URL(encodeURIComponent(name), request.model.url).href };
  }
  throw new SynsightError(
    "invalid_model",
    `the model's weights are in another file, "${name}": give it as externalData`,
  );
}
