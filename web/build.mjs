// SPDX-License-Identifier: Apache-2.0
// build.mjs [--without-threads]: bundles src/ into dist/, with the WebAssembly builds beside it. A page in one file has no
// use for threads.
import { build } from "esbuild";
import { chmod, cp, mkdir, rm } from "node:fs/promises";

/** By the name in the package: the preset that makes it. */
const presets = { plain: "wasm", relaxed: "wasm-relaxed" };
const threads = {};
if (!process.argv.includes("--without-threads")) {
  for (const name of Object.keys(presets)) {
    presets[`${name}-threads`] = name === "plain" ? "wasm-threads" : "wasm-relaxed-threads";
    threads[`${name}-threads`] = `src/worker/${name}-threads.ts`;
  }
}
const alias = {};

await rm("dist", { recursive: true, force: true });
await mkdir("dist/wasm", { recursive: true });
for (const [name, preset] of Object.entries(presets)) {
  alias[`synsight-wasm/${name}`] = `../build/${preset}/bin/synsight.js`;
  await cp(`../build/${preset}/bin/synsight.wasm`, `dist/wasm/${name}.wasm`);
}
for (const file of ["LICENSE", "NOTICE"]) await cp(`../${file}`, `dist/${file}`);

const common = {
  alias,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  external: ["node:*"],
  logLevel: "warning",
};
// Scripts of a file each, so that a page waits for few: only what both of two need is a file of its own.
const shared = { "../index.js": "./index.js", "./worker/local.js": "./local.js" };
await build({
  ...common,
  entryPoints: {
    index: "src/index.ts",
    local: "src/worker/local.ts",
    element: "src/element/element.ts",
    worker: "src/worker/worker.ts",
    ...threads,
    cli: "src/page/cli.ts",
  },
  plugins: [
    {
      name: "shared",
      setup: ({ onResolve }) =>
        onResolve({ filter: /\/(index|local)\.js$/ }, ({ path }) =>
          shared[path] ? { path: shared[path], external: true } : undefined,
        ),
    },
  ],
  outdir: "dist",
});
// What goes into a page in one file: scripts that import nothing.
await build({
  ...common,
  entryPoints: ["src/page/page.ts", "src/page/worker.ts"],
  format: "iife",
  outdir: "dist/page",
  define: { "import.meta.url": "undefined" },
});
await chmod("dist/cli.js", 0o755);
