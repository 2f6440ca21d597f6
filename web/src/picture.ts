// SPDX-License-Identifier: Apache-2.0
// What callers give as pictures and models, as it passes to the worker.
import {
  SynsightError,
  type ByteSource,
  type Decoder,
  type ImageSource,
  type Pixels,
} from "./types.js";
import { draw, type Drawable } from "./worker/draw.js";
import type { Picture } from "./worker/host.js";
import type { Source } from "./worker/source.js";

/** Throws SynsightError. */
export async function toSource(source: ByteSource, integrity?: string): Promise<Source> {
  if (typeof source === "string" || source instanceof URL) {
    const base = typeof document === "undefined" ? undefined : document.baseURI;
    try {
      return { kind: "url", url: new URL(source, base).href, integrity };
    } catch {
      throw new SynsightError("invalid_argument", `"${String(source)}" is no URL`);
    }
  }
  if (source instanceof Blob) return fromBlob(source);
  if (source instanceof ArrayBuffer) return { kind: "bytes", bytes: new Uint8Array(source) };
  if (source instanceof Uint8Array) {
    return { kind: "bytes", bytes: source as Uint8Array<ArrayBuffer> };
  }
  if (source instanceof ReadableStream) {
    const response = new Response(source as ReadableStream<Uint8Array<ArrayBuffer>>);
    return fromBlob(await response.blob());
  }
  throw new SynsightError("invalid_argument", "wanted a URL, Blob, ArrayBuffer or stream");
}

/** A worker of WebKit can read no blob where the page is a file: there the page reads it. */
async function fromBlob(blob: Blob): Promise<Source> {
  if (globalThis.location?.protocol !== "file:") return { kind: "blob", blob };
  return { kind: "bytes", bytes: new Uint8Array(await blob.arrayBuffer()) };
}

/** A picture on its way, and who decoded it; `undefined`: the worker will say. */
export interface GivenPicture {
  readonly picture: Picture;
  readonly decodedBy?: Decoder;
}

/** Throws SynsightError. */
export async function toPicture(image: ImageSource): Promise<GivenPicture> {
  if (isPixels(image)) {
    const { data, width, height } = image;
    return { picture: { kind: "pixels", pixels: { data, width, height } } };
  }
  if (isDrawable(image)) return drawn(image);
  const source = isImageElement(image) ? image.currentSrc || image.src : image;
  return { picture: { kind: "encoded", source: await toSource(source) } };
}

/**
 * The picture that an element shows, where its bytes cannot be had: a page may show another site's, and not read them.
 */
export function shownPicture(image: ImageSource): GivenPicture | null {
  return isImageElement(image) ? drawn(image) : null;
}

function drawn(image: Drawable): GivenPicture {
  return { picture: { kind: "pixels", pixels: draw(image) }, decodedBy: "browser" };
}

function isPixels(image: ImageSource): image is Pixels {
  return typeof image === "object" && "data" in image && "width" in image && "height" in image;
}

function isImageElement(image: ImageSource): image is HTMLImageElement {
  return isInstance(image, "HTMLImageElement");
}

function isDrawable(image: ImageSource): image is Drawable & ImageSource {
  return [
    "ImageBitmap",
    "HTMLCanvasElement",
    "OffscreenCanvas",
    "HTMLVideoElement",
    "VideoFrame",
  ].some((name) => isInstance(image, name));
}

/** Of a class that may not be there. */
function isInstance(value: unknown, name: string): boolean {
  const type = (globalThis as unknown as Record<string, (new () => unknown) | undefined>)[name];
  return type !== undefined && value instanceof type;
}
