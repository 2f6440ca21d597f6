// SPDX-License-Identifier: Apache-2.0
// Keeps the page on this device, so that it goes on without its server. `site` says what there is (tools/site.py).
importScripts("files.js");

const kCache = `synsight-demo-${self.site.version}`;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(
    caches
      .open(kCache)
      .then((cache) => cache.addAll(["./", ...self.site.files.map((file) => `./${file}`)])),
  );
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter(
      (name) => name.startsWith("synsight-demo-") && name !== kCache,
    );
    await Promise.all(old.map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

self.addEventListener("fetch", (event) => {
  const isOurs = event.request.url.startsWith(self.registration.scope);
  if (isOurs && event.request.method === "GET") event.respondWith(answer(event));
});

async function answer(event) {
  const cache = await caches.open(kCache);
  const kept = await cache.match(event.request, { ignoreSearch: true });
  if (kept) return isolated(kept);
  const response = await fetch(event.request);
  // Networks, when they are first used.
  if (response.ok) event.waitUntil(cache.put(event.request, response.clone()).catch(() => {}));
  return isolated(response);
}

/** The headers behind which a page has threads, which many servers cannot be taught to send. */
function isolated(response) {
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
