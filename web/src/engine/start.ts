// SPDX-License-Identifier: Apache-2.0
import { SynsightError, type Build } from "../types.js";
import { Engine } from "./engine.js";
import { nodeFiles } from "./files.js";
import type { CreateWasm, Wasm } from "./wasm.js";

/** What a build consists of: Emscripten's JavaScript, and where its module's bytes are. */
export interface BuildFiles {
  readonly create: CreateWasm;
  readonly module: URL | Uint8Array<ArrayBuffer>;
}

export type Builds = Readonly<Partial<Record<Build, BuildFiles>>>;

/** Starts a build. Throws SynsightError. */
export async function startEngine(build: Build, { create, module }: BuildFiles): Promise<Engine> {
  const compiled = await compile(module);
  try {
    const wasm = await new Promise<Wasm>((resolve, reject) => {
      create({
        instantiateWasm: (imports, receive) => {
          WebAssembly.instantiate(compiled, imports).then(
            (instance) => receive(instance, compiled),
            reject,
          );
          return {};
        },
        // Where there are threads, their workers run the script that runs this.
        mainScriptUrlOrBlob: globalThis.location?.href,
      }).then(resolve, reject);
    });
    return new Engine(wasm, build);
  } catch (error) {
    throw new SynsightError("internal", `WebAssembly does not start: ${String(error)}`);
  }
}

async function compile(module: BuildFiles["module"]): Promise<WebAssembly.Module> {
  try {
    if (module instanceof Uint8Array) return await WebAssembly.compile(module);
    if (module.protocol === "file:") {
      const { readFile } = await nodeFiles();
      return await WebAssembly.compile(await readFile(module));
    }
    const response = await fetch(module);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    // A server may not know the type, which compiling while it arrives needs.
    const isWasm = response.headers.get("content-type")?.startsWith("application/wasm");
    return isWasm
      ? await WebAssembly.compileStreaming(response)
      : await WebAssembly.compile(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) {
      throw new SynsightError("device", `this browser does not run the build: ${error.message}`);
    }
    const from = module instanceof URL ? ` ${module.href}` : "";
    throw new SynsightError("io", `cannot load the WebAssembly module${from}: ${String(error)}`);
  }
}
