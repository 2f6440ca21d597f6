// SPDX-License-Identifier: Apache-2.0
// The worker of a page in one file: its first message brings the modules' bytes, as there is nowhere to fetch them.
import { expose } from "comlink";
import createPlain from "synsight-wasm/plain";
import createRelaxed from "synsight-wasm/relaxed";
import { Host } from "../worker/host.js";
import type { Modules } from "./page.js";

self.addEventListener(
  "message",
  ({ data }: MessageEvent<Modules>) => {
    const { plain, relaxed } = data;
    expose(
      new Host({
        plain: { create: createPlain, module: plain },
        relaxed: { create: createRelaxed, module: relaxed },
      }),
    );
  },
  { once: true },
);
