// SPDX-License-Identifier: Apache-2.0
import { SynsightError, type Progress } from "../types.js";
import type { Pieces } from "../engine/engine.js";
import { nodeFiles } from "../engine/files.js";

/** Where bytes come from, as it passes between threads. */
export type Source =
  | { readonly kind: "url"; readonly url: string; readonly integrity?: string | undefined }
  | { readonly kind: "blob"; readonly blob: Blob }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> };

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: Progress | undefined;
  /** Keep what comes from a URL in Cache Storage, under this name. */
  readonly cache?: string | undefined;
}

/** After how many bytes a download tells how far it is, or after a hundredth: each time is a message. */
const kProgressBytes = 64 * 1024;

/** The pieces of a source's bytes, in order. Throws SynsightError. */
export async function open(source: Source, options: OpenOptions = {}): Promise<Pieces> {
  switch (source.kind) {
    case "bytes":
      options.onProgress?.(source.bytes.length, source.bytes.length);
      return [source.bytes];
    case "blob":
      return watch(pieces(source.blob.stream()), source.blob.size, options);
    case "url": {
      if (source.url.startsWith("file:")) return watch(await openFile(source.url), 0, options);
      const response = await request(source, options);
      const length = Number(response.headers.get("content-length") ?? 0);
      // The length of packed bytes says nothing about how many come out.
      const total = response.headers.has("content-encoding") ? 0 : length;
      if (response.body === null) return [];
      return watch(pieces(response.body), total, options);
    }
  }
}

/** All bytes of a source. Throws SynsightError. */
export async function readAll(
  source: Source,
  options: OpenOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (source.kind === "bytes") return source.bytes;
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of await open(source, options)) {
    parts.push(piece);
    size += piece.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

async function request(
  source: Source & { kind: "url" },
  { signal, cache }: OpenOptions,
): Promise<Response> {
  const store = cache !== undefined && "caches" in globalThis ? await caches.open(cache) : null;
  const kept = await store?.match(source.url);
  if (kept) return kept;
  let response: Response;
  try {
    response = await fetch(source.url, {
      ...(signal && { signal }),
      ...(source.integrity !== undefined && { integrity: source.integrity }),
    });
  } catch (error) {
    if (signal?.aborted) throw cancelled();
    throw new SynsightError("io", `cannot fetch ${source.url}: ${String(error)}`);
  }
  if (!response.ok) {
    throw new SynsightError(
      "io",
      `cannot fetch ${source.url}: the server answered ${response.status} ${response.statusText}`.trim(),
    );
  }
  // A copy that cannot be kept, for want of space, is no reason to fail.
  if (store) void store.put(source.url, response.clone()).catch(() => undefined);
  return response;
}

/** Node's fetch does not read files. */
async function openFile(url: string): Promise<AsyncIterable<Uint8Array>> {
  if (!("process" in globalThis)) {
    throw new SynsightError(
      "io",
      `cannot fetch ${url}: a page may not read files by their address`,
    );
  }
  const fs = await nodeFiles();
  try {
    const file = await fs.open(new URL(url));
    return file.createReadStream() as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new SynsightError("io", `cannot read ${url}: ${String(error)}`);
  }
}

async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Ends the download where it is not wanted to its end.
    await reader.cancel().catch(() => undefined);
  }
}

async function* watch(
  source: AsyncIterable<Uint8Array>,
  total: number,
  { signal, onProgress }: OpenOptions,
): AsyncGenerator<Uint8Array> {
  let loaded = 0;
  let told = -Infinity;
  try {
    for await (const piece of source) {
      if (signal?.aborted) throw cancelled();
      loaded += piece.length;
      if (onProgress && loaded - told >= Math.max(total / 100, kProgressBytes)) {
        told = loaded;
        onProgress(loaded, total);
      }
      yield piece;
    }
    onProgress?.(loaded, total);
  } catch (error) {
    if (error instanceof SynsightError) throw error;
    if (signal?.aborted) throw cancelled();
    throw new SynsightError("io", `the download broke off after ${loaded} bytes: ${String(error)}`);
  }
}

export function cancelled(): SynsightError {
  return new SynsightError("cancelled", "cancelled by the caller");
}
