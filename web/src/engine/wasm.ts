// SPDX-License-Identifier: Apache-2.0
// The module that Emscripten makes of core/capi, as far as it is used here.

type Pointer = number;

/** The C API (core/capi/synsight.h). Pointers and sizes are numbers of 32 bits. */
export interface Wasm {
  readonly wasmMemory: WebAssembly.Memory;
  /** In builds with threads: the workers that wait to become threads. */
  readonly PThread?: Threads;
  _malloc(size: number): Pointer;
  _free(pointer: Pointer): void;
  _synsight_status_name(status: number): Pointer;
  _synsight_message_free(message: Pointer): void;
  _synsight_reader_create(reader: Pointer, message: Pointer): number;
  _synsight_reader_free(reader: Pointer): void;
  _synsight_reader_feed(r: Pointer, bytes: Pointer, size: number, message: Pointer): number;
  _synsight_reader_external_files(reader: Pointer, names: Pointer, message: Pointer): number;
  _synsight_reader_feed_external(
    reader: Pointer,
    name: Pointer,
    bytes: Pointer,
    size: number,
    message: Pointer,
  ): number;
  _synsight_reader_finish(reader: Pointer, model: Pointer, message: Pointer): number;
  _synsight_model_free(model: Pointer): void;
  _synsight_session_run(
    session: Pointer,
    inputs: Pointer,
    numInputs: number,
    options: Pointer,
    outputs: Pointer,
    message: Pointer,
  ): number;
  _synsight_outputs_free(outputs: Pointer): void;
  _synsight_classifier_create(
    model: Pointer,
    options: Pointer,
    classifier: Pointer,
    message: Pointer,
  ): number;
  _synsight_classifier_free(classifier: Pointer): void;
  _synsight_classifier_get_info(classifier: Pointer): Pointer;
  _synsight_classifier_session(classifier: Pointer): Pointer;
  _synsight_classification_free(classification: Pointer): void;
  _synsight_is_image(bytes: Pointer, size: number): number;
  _synsight_prepare(
    classifier: Pointer,
    bytes: Pointer,
    size: number,
    prepared: Pointer,
    message: Pointer,
  ): number;
  _synsight_prepare_pixels(
    classifier: Pointer,
    rgba: Pointer,
    width: number,
    height: number,
    prepared: Pointer,
    message: Pointer,
  ): number;
  _synsight_prepared_free(prepared: Pointer): void;
  _synsight_task_create(
    classifier: Pointer,
    prepared: Pointer,
    top: number,
    options: Pointer,
    task: Pointer,
    message: Pointer,
  ): number;
  _synsight_task_advance(
    task: Pointer,
    sliceMs: number,
    classification: Pointer,
    message: Pointer,
  ): number;
  _synsight_task_free(task: Pointer): void;
}

/** Emscripten's own list of workers. */
interface Threads {
  readonly unusedWorkers: Worker[];
  allocateUnusedWorker(): void;
  loadWasmModuleToWorker(worker: Worker): Promise<Worker>;
}

type Instantiate = (
  imports: WebAssembly.Imports,
  receive: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void,
) => object;

/** What Emscripten's JavaScript exports as its default. */
export type CreateWasm = (given: {
  instantiateWasm: Instantiate;
  /** The script that workers of threads run: the one that this is called in. */
  mainScriptUrlOrBlob?: string;
}) => Promise<Wasm>;
