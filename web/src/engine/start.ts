// SPDX-License-Identifier: Apache-2.0
import { relaxedSimd, simd } from "wasm-feature-detect";
import { SynsightError, type Build } from "../types.js";
import { Engine } from "./engine.js";
import type { CreateWasm } from "./wasm.js";

/** The fastest build that runs here. Throws SynsightError where there is no SIMD. */
export async function chooseBuild(): Promise<Build> {
  if (await relaxedSimd()) return "relaxed";
  if (await simd()) return "plain";
  throw new SynsightError(
    "device",
    "this browser's WebAssembly has no SIMD, which Synsight needs: Chrome 91, Firefox 89, Safari 16.4 or newer have it",
  );
}

/** Starts a build from the package's own files. */
export async function startEngine(build: Build): Promise<Engine> {
  const url = new URL(`./wasm/${build}/synsight.js`, import.meta.url).href;
  let module: { default: CreateWasm };
  try {
    module = (await import(/* @vite-ignore */ url)) as typeof module;
  } catch (error) {
    throw new SynsightError("io", `cannot load ${url}: ${String(error)}`);
  }
  return Engine.start(build, module.default);
}
