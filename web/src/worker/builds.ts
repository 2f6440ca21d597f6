// SPDX-License-Identifier: Apache-2.0
import createPlain from "synsight-wasm/plain";
import createRelaxed from "synsight-wasm/relaxed";
import type { Builds } from "../engine/start.js";

/** The builds with one thread. Their modules lie below the bundled script (build.mjs). */
export const builds: Builds = {
  plain: { create: createPlain, module: new URL("./wasm/plain.wasm", import.meta.url) },
  relaxed: { create: createRelaxed, module: new URL("./wasm/relaxed.wasm", import.meta.url) },
};
