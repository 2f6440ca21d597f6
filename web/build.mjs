// SPDX-License-Identifier: Apache-2.0
// Bundles src/ into dist/, with the WebAssembly builds beside it.
import { build } from "esbuild";
import { cp, mkdir, rm } from "node:fs/promises";

const builds = { plain: "wasm", relaxed: "wasm-relaxed" };

await rm("dist", { recursive: true, force: true });
for (const [name, preset] of Object.entries(builds)) {
  await mkdir(`dist/wasm/${name}`, { recursive: true });
  for (const file of ["synsight.js", "synsight.wasm"]) {
    await cp(`../build/${preset}/bin/${file}`, `dist/wasm/${name}/${file}`);
  }
}
for (const file of ["LICENSE", "NOTICE"]) await cp(`../${file}`, `dist/${file}`);
await build({
  entryPoints: {
    index: "src/index.ts",
    element: "src/element/element.ts",
    worker: "src/worker/worker.ts",
  },
  splitting: true,
  outdir: "dist",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  external: ["node:*", "./wasm/*"],
  logLevel: "warning",
});
