// SPDX-License-Identifier: Apache-2.0
import { proxy, transfer } from "comlink";
import { chooseBuild } from "./engine/choose.js";
import { shownPicture, toPicture, toSource, type GivenPicture } from "./picture.js";
import {
  SynsightError,
  type Build,
  type ByteSource,
  type Classification,
  type Decoder,
  type ImageSource,
  type ModelInfo,
  type Progress,
  type Tensor,
} from "./types.js";
import type { Answer, LoadRequest, Picture } from "./worker/host.js";
import { Workplace, type Remote } from "./workplace.js";

export interface LoadOptions {
  /** Files of external data by their plain names; by default they are fetched from beside the model's URL. */
  readonly externalData?: Readonly<Record<string, ByteSource>>;
  /** Bytes so far and in all, or 0 where the server does not tell. */
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
  /** `plain` or `relaxed` SIMD; by default the faster that runs here. */
  readonly build?: Build;
  /**
   * How many threads compute. Only a page with isolation headers (COOP and COEP) has more than one: by default as many
   * as there are cores, at most 4. `info.threads` says how many it became.
   */
  readonly threads?: number;
  /** Keeps what is fetched in Cache Storage; `integrity` is the model's, as in a script element. */
  readonly cache?: boolean;
  readonly integrity?: string;
  /** How pictures are fed, where the model says nothing or something wrong: see `synsight classify --help`. */
  readonly preset?: string;
  readonly overrides?: Readonly<Record<string, string>>;
  /** The classes' labels in the network's order, where the model does not name them. */
  readonly labels?: readonly string[];
}

export interface ClassifyOptions {
  /** How many classes; 5. */
  readonly top?: number;
  readonly signal?: AbortSignal;
  /** Of decoding, preparing and running. */
  readonly timeoutMs?: number;
}

export interface Result extends Classification {
  /** Who decoded the picture; `none`: it came as pixels. */
  readonly decodedBy: Decoder;
}

const kCacheName = "synsight";
const kMaxDefaultThreads = 4;

/** A model that classifies pictures. Calls are answered in their order; the page stays responsive meanwhile. */
export class Classifier {
  private constructor(
    private readonly workplace: Workplace,
    private readonly id: number,
    readonly info: ModelInfo,
  ) {}

  /** Fetches, reads and compiles a model. Throws SynsightError. */
  static async load(source: ByteSource, options: LoadOptions = {}): Promise<Classifier> {
    const { onProgress, signal, preset, overrides } = options;
    const threads = chooseThreads(options.threads);
    const build = options.build ?? (threads > 1 ? await chooseBuild() : undefined);
    const entries = Object.entries(options.externalData ?? {}).map(
      async ([name, data]) => [name, await toSource(data)] as const,
    );
    const request = {
      model: await toSource(source, options.integrity),
      externalData: Object.fromEntries(await Promise.all(entries)),
      options: { preset, overrides, threads, classes: options.labels?.join("\n") },
      build,
      cache: options.cache ? kCacheName : undefined,
    };
    const place = threads > 1 && build ? await Workplace.withThreads(build, threads) : null;
    if (place) {
      try {
        return await Classifier.loadAt(place, request, onProgress, signal);
      } catch (error) {
        if (!place.hasEnded) throw error;
      }
    }
    const single = { ...request, options: { ...request.options, threads: Math.min(threads, 1) } };
    return Classifier.loadAt(await Workplace.of("single"), single, onProgress, signal);
  }

  private static async loadAt(
    place: Workplace,
    request: LoadRequest,
    onProgress?: Progress,
    signal?: AbortSignal,
  ): Promise<Classifier> {
    const id = Workplace.nextId();
    try {
      const info = await place.ask(
        id,
        (host) => host.load(id, request, onProgress && proxy(onProgress)),
        signal,
      );
      return new Classifier(place, id, info);
    } catch (error) {
      place.dispose(id); // it may still come, after an abort
      throw error;
    }
  }

  /** The `top` best classes of a picture. Throws SynsightError. */
  async classify(image: ImageSource, options: ClassifyOptions = {}): Promise<Result> {
    const { top, timeoutMs, signal } = options;
    return this.withPicture(image, async ({ picture, decodedBy }) => {
      const result = await this.ask(
        (host, id) => host.classify(id, this.id, moved(picture, decodedBy), { top, timeoutMs }),
        signal,
      );
      return { ...result, decodedBy: decodedBy ?? result.decodedBy };
    });
  }

  /** The tensor that the network is fed of a picture. Throws SynsightError. */
  prepare(image: ImageSource): Promise<Tensor> {
    return this.withPicture(image, ({ picture, decodedBy }) =>
      this.ask((host, id) => host.prepare(id, this.id, moved(picture, decodedBy))),
    );
  }

  /** Runs the network on tensors, one an input; gives its outputs, in order. Throws SynsightError. */
  run(...inputs: readonly Tensor[]): Promise<Tensor[]> {
    return this.ask((host, id) => host.run(id, this.id, inputs));
  }

  /** Gives the model's memory back, to the next one. */
  dispose(): void {
    this.workplace.dispose(this.id);
  }

  private ask<T>(
    call: (host: Remote, id: number) => Promise<Answer<T>>,
    signal?: AbortSignal,
  ): Promise<T> {
    const id = Workplace.nextId();
    return this.workplace.ask(id, (host) => call(host, id), signal);
  }

  private async withPicture<T>(
    image: ImageSource,
    use: (given: GivenPicture) => Promise<T>,
  ): Promise<T> {
    try {
      return await use(await toPicture(image));
    } catch (error) {
      const isUnreadable = error instanceof SynsightError && error.code === "io";
      const shown = isUnreadable ? shownPicture(image) : null;
      if (!shown) throw error;
      return use(shown);
    }
  }
}

/** What was drawn for this call alone is moved to the worker, not copied. */
function moved(picture: Picture, decodedBy: Decoder | undefined): Picture {
  if (picture.kind !== "pixels" || decodedBy !== "browser") return picture;
  return transfer(picture, [picture.pixels.data.buffer as ArrayBuffer]);
}

function chooseThreads(wanted: number | undefined): number {
  // Without isolation there is no memory to share; under Node nobody has asked for it yet. WebKitGTK has none with it, too.
  if (!globalThis.crossOriginIsolated || typeof SharedArrayBuffer === "undefined") return 1;
  return wanted ?? Math.min(kMaxDefaultThreads, globalThis.navigator.hardwareConcurrency || 1);
}
