// SPDX-License-Identifier: Apache-2.0
import { proxy, transfer, wrap } from "comlink";
import {
  SynsightError,
  type Build,
  type Classification,
  type ModelInfo,
  type Pixels,
} from "./types.js";
import { Host, type Answer, type Picture } from "./worker/host.js";
import { cancelled, type Progress, type Source } from "./worker/source.js";

/** Where a model's bytes come from: a URL, a file that was chosen or dropped, bytes, or a stream of them. */
export type ModelSource =
  string | URL | Blob | ArrayBuffer | Uint8Array | ReadableStream<Uint8Array>;

export interface LoadOptions {
  /** Files of external data by their plain names; by default they are fetched from beside the model's URL. */
  readonly externalData?: Readonly<Record<string, ModelSource>>;
  /** Bytes so far and in all, or 0 where the server does not tell. */
  readonly onProgress?: Progress;
  readonly signal?: AbortSignal;
  /** `plain` or `relaxed` SIMD; by default the faster that runs here. */
  readonly build?: Build;
  /** Keeps what is fetched in Cache Storage; `integrity` is the model's, as in a script element. */
  readonly cache?: boolean;
  readonly integrity?: string;
  /** How pictures are fed, where the model says nothing or something wrong: see `synsight classify --help`. */
  readonly preset?: string;
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface ClassifyOptions {
  /** How many classes; 5. */
  readonly top?: number;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
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

export interface Result extends Classification {
  /** Who decoded the picture; `none`: it came as pixels. */
  readonly decodedBy: "synsight" | "browser" | "none";
}

const kCacheName = "synsight";

type Remote = {
  load: Host["load"];
  classify: Host["classify"];
  abort(id: number): void | Promise<void>;
  dispose(id: number): void | Promise<void>;
};

/** Where the work is done: one worker for all classifiers of a page, or under Node the caller's own thread. */
class Workplace {
  readonly host: Remote;
  private readonly failed: Promise<never>;

  constructor() {
    if (typeof Worker === "undefined") {
      this.host = new Host();
      this.failed = new Promise(() => undefined);
      return;
    }
    const url = new URL("./worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    this.host = wrap<Host>(worker) as unknown as Remote;
    this.failed = new Promise((_, reject) => {
      worker.addEventListener("error", (event) => {
        workplace = null; // the next call tries again
        const why = event.message ? `: ${event.message}` : "";
        reject(new SynsightError("io", `the worker ${url.href} does not run${why}`));
      });
    });
    this.failed.catch(() => undefined);
  }

  /** What the host answers. Throws SynsightError. */
  async ask<T>(call: (host: Remote) => Promise<Answer<T>>): Promise<T> {
    const answer = await Promise.race([call(this.host), this.failed]);
    if (answer.kind === "error") throw new SynsightError(answer.code, answer.message);
    return answer.value;
  }
}

let workplace: Workplace | null = null;
let numModels = 0;

/** A model that classifies pictures. Calls are answered in their order; the page stays responsive meanwhile. */
export class Classifier {
  private constructor(
    private readonly workplace: Workplace,
    private readonly id: number,
    readonly info: ModelInfo,
  ) {}

  /** Fetches, reads and compiles a model. Throws SynsightError. */
  static async load(source: ModelSource, options: LoadOptions = {}): Promise<Classifier> {
    const { signal, onProgress } = options;
    if (signal?.aborted) throw cancelled();
    const id = ++numModels;
    workplace ??= new Workplace();
    const place = workplace;
    const entries = Object.entries(options.externalData ?? {}).map(
      async ([name, data]) => [name, await toSource(data)] as const,
    );
    const request = {
      id,
      model: await toSource(source, options.integrity),
      externalData: Object.fromEntries(await Promise.all(entries)),
      options: { preset: options.preset, overrides: options.overrides },
      build: options.build,
      cache: options.cache ? kCacheName : undefined,
    };
    const abort = () => void place.host.abort(id);
    signal?.addEventListener("abort", abort);
    try {
      const info = await place.ask((host) => host.load(request, onProgress && proxy(onProgress)));
      if (signal?.aborted) {
        void place.host.dispose(id);
        throw cancelled();
      }
      return new Classifier(place, id, info);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** The `top` best classes of a picture. Throws SynsightError. */
  async classify(image: ImageSource, options: ClassifyOptions = {}): Promise<Result> {
    const { top, timeoutMs, signal } = options;
    const { picture, decodedBy } = await toPicture(image);
    if (signal?.aborted) throw cancelled();
    const movable =
      picture.kind === "pixels" && decodedBy === "browser" ? [picture.pixels.data.buffer] : [];
    const answer = this.workplace.ask((host) =>
      host.classify(this.id, transfer(picture, movable as Transferable[]), { top, timeoutMs }),
    );
    const result = await unlessAborted(answer, signal);
    return { ...result, decodedBy };
  }

  /** Gives the model's memory back, to the next one. */
  dispose(): void {
    void this.workplace.host.dispose(this.id);
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled());
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function toSource(source: ModelSource, integrity?: string): Promise<Source> {
  if (typeof source === "string" || source instanceof URL) {
    const base = typeof document === "undefined" ? undefined : document.baseURI;
    try {
      return { kind: "url", url: new URL(source, base).href, integrity };
    } catch {
      throw new SynsightError("invalid_argument", `"${String(source)}" is no URL`);
    }
  }
  if (source instanceof Blob) return { kind: "blob", blob: source };
  if (source instanceof ArrayBuffer) return { kind: "bytes", bytes: new Uint8Array(source) };
  if (source instanceof Uint8Array) return { kind: "bytes", bytes: source };
  if (source instanceof ReadableStream) {
    return {
      kind: "blob",
      blob: await new Response(source as ReadableStream<Uint8Array<ArrayBuffer>>).blob(),
    };
  }
  throw new SynsightError("invalid_argument", "a model is a URL, Blob, ArrayBuffer or stream");
}

type Given = { readonly picture: Picture; readonly decodedBy: Result["decodedBy"] };

async function toPicture(image: ImageSource): Promise<Given> {
  if (isPixels(image)) {
    const { data, width, height } = image;
    return { picture: { kind: "pixels", pixels: { data, width, height } }, decodedBy: "none" };
  }
  if (typeof HTMLImageElement !== "undefined" && image instanceof HTMLImageElement) {
    return fromElement(image);
  }
  if (isDrawable(image)) {
    return { picture: { kind: "pixels", pixels: await draw(image) }, decodedBy: "browser" };
  }
  const source = await toSource(image as ModelSource);
  return fromSource(source);
}

async function fromElement(image: HTMLImageElement): Promise<Given> {
  try {
    return await fromSource(await toSource(image.currentSrc || image.src));
  } catch (error) {
    // Another site's picture, whose bytes a page may show but not read: then drawing tells.
    if (!(error instanceof SynsightError) || error.code !== "io") throw error;
    return { picture: { kind: "pixels", pixels: await draw(image) }, decodedBy: "browser" };
  }
}

async function fromSource(source: Source): Promise<Given> {
  if (source.kind === "url" && typeof document !== "undefined") {
    const response = await fetch(source.url).catch((error: unknown) => {
      throw new SynsightError("io", `cannot fetch ${source.url}: ${String(error)}`);
    });
    if (!response.ok) {
      throw new SynsightError(
        "io",
        `cannot fetch ${source.url}: the server answered ${response.status}`,
      );
    }
    return fromSource({ kind: "blob", blob: await response.blob() });
  }
  const blob =
    source.kind === "blob"
      ? source.blob
      : source.kind === "bytes"
        ? new Blob([source.bytes as Uint8Array<ArrayBuffer>])
        : null;
  if (blob && (await isBrowsersFormat(blob)) && typeof createImageBitmap !== "undefined") {
    const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" }).catch(() => {
      throw new SynsightError("invalid_image", "the browser cannot decode the picture");
    });
    return { picture: { kind: "pixels", pixels: await draw(bitmap) }, decodedBy: "browser" };
  }
  return { picture: { kind: "encoded", source }, decodedBy: "synsight" };
}

/** WebP, AVIF and HEIC, which the core leaves to browsers. */
async function isBrowsersFormat(blob: Blob): Promise<boolean> {
  const head = new TextDecoder("latin1").decode(await blob.slice(0, 12).arrayBuffer());
  return (head.startsWith("RIFF") && head.endsWith("WEBP")) || head.slice(4, 8) === "ftyp";
}

function isPixels(image: ImageSource): image is Pixels {
  return typeof image === "object" && "data" in image && "width" in image && "height" in image;
}

type Drawable = Exclude<CanvasImageSource, SVGImageElement>;

function isDrawable(image: ImageSource): image is Drawable & ImageSource {
  const types = [
    "ImageBitmap",
    "HTMLCanvasElement",
    "OffscreenCanvas",
    "HTMLVideoElement",
    "VideoFrame",
  ] as const;
  const scope = globalThis as unknown as Record<string, (new () => unknown) | undefined>;
  return types.some((name) => {
    const type = scope[name];
    return type !== undefined && image instanceof type;
  });
}

async function draw(image: Drawable): Promise<Pixels> {
  const { width, height } = sides(image);
  if (width < 1 || height < 1) {
    throw new SynsightError("invalid_image", "the picture is not there yet: it has no pixels");
  }
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new SynsightError("device", "the browser gives no canvas to draw on");
  try {
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height);
  } catch (error) {
    throw new SynsightError(
      "invalid_image",
      `the browser does not give the picture's pixels: ${String(error)}`,
    );
  }
}

function sides(image: Drawable): { width: number; height: number } {
  if ("videoWidth" in image) return { width: image.videoWidth, height: image.videoHeight };
  if ("displayWidth" in image) return { width: image.displayWidth, height: image.displayHeight };
  if ("naturalWidth" in image) return { width: image.naturalWidth, height: image.naturalHeight };
  return { width: image.width, height: image.height };
}
