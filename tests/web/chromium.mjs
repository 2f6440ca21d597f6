// SPDX-License-Identifier: Apache-2.0
// A real Chromium, and a server that allows no more than a strict page does.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const { chromium } = createRequire(join(root, "web/package.json"))("playwright-core");
const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find(existsSync);

/** Why the tests are skipped; false where they are not. */
export const skip = executablePath ? false : "there is no Chromium: apt-get install chromium";

const kTypes = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".png": "image/png",
  ".jpg": "image/jpeg",
};
const kPolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' blob: data:; connect-src 'self' blob:";

/** Starts both; `pages` maps paths to HTML, other paths are files of the project. */
export async function start(pages) {
  const requests = [];
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://host").pathname));
    requests.push(path);
    const file = join(root, path);
    const isPage = Object.hasOwn(pages, path);
    if (!isPage && !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const body = isPage ? Buffer.from(pages[path]) : readFileSync(file);
    const type = isPage ? kTypes[".html"] : (kTypes[extname(file)] ?? "application/octet-stream");
    response.writeHead(200, {
      "content-type": type,
      "content-length": body.length,
      "content-security-policy": kPolicy,
    });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
  return {
    browser,
    requests,
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: async () => {
      await browser.close();
      server.close();
    },
  };
}
