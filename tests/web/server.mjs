// SPDX-License-Identifier: Apache-2.0
// A server that allows no more than a strict page does.
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Content types by the ends of names. */
export const kTypes = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};
const kPolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
  "img-src 'self' blob: data:; connect-src 'self' blob:";
const kIsolation = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/**
 * Serves files: of the project by their paths, below each key of `folders` those of the folder it names, and `pages`, HTML
 * or scripts by path. A page is alone with its own origin where it is `isolated`, as threads need it. `requests` are the paths asked for;
 * those in `hidden` are not found. `stall(path)` gives the next one who asks for it a half, and the rest at `finish()`; `cut`
 * is when he hangs up before. After `stop` nothing answers, and open connections are cut.
 */
export async function serve({ pages = {}, folders = {}, isolated = false } = {}) {
  const requests = [];
  const hidden = new Set();
  const stalled = new Map();
  const read = (path) => {
    if (hidden.has(path)) return null;
    if (Object.hasOwn(pages, path))
      return { body: Buffer.from(pages[path]), type: kTypes[extname(path) || ".html"] };
    const key = Object.keys(folders).find((key) => path.startsWith(key));
    const found = key ? join(folders[key], path.slice(key.length)) : join(root, path);
    const file = path.endsWith("/") ? join(found, "index.html") : found;
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return null;
    return { body: readFileSync(file), type: kTypes[extname(file)] ?? "application/octet-stream" };
  };
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://host").pathname));
    requests.push(path);
    const found = read(path);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "content-type": found.type,
      "content-length": found.body.length,
      "content-security-policy": kPolicy,
      ...(isolated && kIsolation),
    });
    const stall = stalled.get(path);
    stalled.delete(path);
    if (stall) stall(response, found.body);
    else response.end(found.body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  server.unref(); // what forgets it can end
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    requests,
    hidden,
    stall: (path) => {
      const stall = {};
      stall.cut = new Promise((done) => {
        stalled.set(path, (response, body) => {
          const half = body.length >> 1;
          response.write(body.subarray(0, half));
          response.once("close", done);
          stall.finish = () => response.end(body.subarray(half));
        });
      });
      return stall;
    },
    stop: async () => {
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
    },
  };
}
