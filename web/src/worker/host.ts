// SPDX-License-Identifier: Apache-2.0
// What runs in the worker, or under Node in the caller's thread. Its methods take and give what passes between threads, and
// never throw: an error's class would not arrive.
import type { Engine, LoadedModel, ModelOptions, RunOptions } from "../engine/engine.js";
import { chooseBuild, startEngine } from "../engine/start.js";
import {
  SynsightError,
  type Build,
  type Classification,
  type ErrorCode,
  type ModelInfo,
  type Pixels,
} from "../types.js";
import { open, readAll, type Progress, type Source } from "./source.js";

export type Answer<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "error"; readonly code: ErrorCode; readonly message: string };

export interface LoadRequest {
  readonly id: number;
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

export class Host {
  private readonly engines = new Map<Build, Promise<Engine>>();
  private readonly models = new Map<number, LoadedModel>();
  private readonly loads = new Map<number, AbortController>();

  async load(request: LoadRequest, onProgress?: Progress): Promise<Answer<ModelInfo>> {
    return answer(async () => {
      const controller = new AbortController();
      this.loads.set(request.id, controller);
      try {
        const { signal } = controller;
        const engine = await this.engine(request.build);
        const { cache } = request;
        const model = await open(request.model, { signal, onProgress, cache });
        const external = (name: string) =>
          open(externalSource(request, name), { signal, onProgress, cache });
        const loaded = await engine.load(model, external, request.options);
        this.models.set(request.id, loaded);
        return loaded.info;
      } finally {
        this.loads.delete(request.id);
      }
    });
  }

  /** Stops a load that is under way. */
  abort(id: number): void {
    this.loads.get(id)?.abort();
  }

  async classify(
    id: number,
    picture: Picture,
    options: RunOptions,
  ): Promise<Answer<Classification>> {
    return answer(async () => {
      const encoded = picture.kind === "encoded" ? await readAll(picture.source) : null;
      const model = this.models.get(id);
      if (!model) throw new SynsightError("invalid_argument", "the classifier was disposed");
      if (picture.kind === "pixels") return model.classifyPixels(picture.pixels, options);
      return model.classify(encoded ?? new Uint8Array(), options);
    });
  }

  dispose(id: number): void {
    this.abort(id);
    this.models.get(id)?.dispose();
    this.models.delete(id);
  }

  /** All models of a build share its module and its memory. */
  private async engine(wanted: Build | undefined): Promise<Engine> {
    const build = wanted ?? (await chooseBuild());
    let engine = this.engines.get(build);
    if (!engine) {
      engine = startEngine(build);
      this.engines.set(build, engine);
      engine.catch(() => this.engines.delete(build));
    }
    return engine;
  }
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

async function answer<T>(run: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: "value", value: await run() };
  } catch (error) {
    if (error instanceof SynsightError) {
      return { kind: "error", code: error.code, message: error.message };
    }
    const message = String(error);
    // WebAssembly's own errors, when memory cannot grow.
    const code = message.includes("memory") ? "out_of_memory" : "internal";
    return { kind: "error", code, message };
  }
}
