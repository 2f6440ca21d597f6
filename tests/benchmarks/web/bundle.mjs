// SPDX-License-Identifier: Apache-2.0
// bundle.mjs: each engine with what it imports as one file of build/bench-web/engines, as a page would ship it, and a copy of
// our package, so that all rounds measure the same one.
import { build } from "esbuild";
import { cp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const output = fileURLToPath(new URL("../../../build/bench-web", import.meta.url));
await rm(`${output}/dist`, { recursive: true, force: true });
await cp(new URL("../../../web/dist", import.meta.url), `${output}/dist`, { recursive: true });
const engines = ["synsight", "onnxruntime", "tfjs", "litert"];
await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: engines.map((name) => `engines/${name}.js`),
  outdir: `${output}/engines`,
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  external: ["/build/bench-web/dist/*"],
  logLevel: "warning",
});
