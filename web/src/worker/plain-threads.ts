// SPDX-License-Identifier: Apache-2.0
// The worker that computes on threads. Each of them is a worker of its own that runs this script again, where Emscripten's
// part takes it over.
import { expose } from "comlink";
import create from "synsight-wasm/plain-threads";
import { Host } from "./host.js";

if (!self.name.startsWith("em-pthread")) {
  const module = new URL("./wasm/plain-threads.wasm", import.meta.url);
  expose(new Host({ plain: { create, module } }));
}
