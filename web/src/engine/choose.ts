// SPDX-License-Identifier: Apache-2.0
import { relaxedSimd, simd } from "wasm-feature-detect";
import { SynsightError, type Build } from "../types.js";

/** The fastest build that runs here. Throws SynsightError where there is no SIMD. */
export async function chooseBuild(): Promise<Build> {
  if (await relaxedSimd()) return "relaxed";
  if (await simd()) return "plain";
  throw new SynsightError(
    "device",
    "this browser's WebAssembly has no SIMD, which Synsight needs: Chrome 91, Firefox 89, Safari 16.4 or newer have it",
  );
}
