// SPDX-License-Identifier: Apache-2.0
// The module that Emscripten makes of core/capi, as far as it is used here.

type Pointer = number;

/** The C API (core/capi/synsight.h). Pointers and sizes are numbers of 32 bits. */
export interface Wasm {
  readonly HEAPU8: Uint8Array;
  readonly HEAPU32: Uint32Array;
  readonly HEAP32: Int32Array;
  readonly HEAPF32: Float32Array;
  readonly HEAPF64: Float64Array;
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
  _synsight_classifier_create(
    model: Pointer,
    options: Pointer,
    classifier: Pointer,
    message: Pointer,
  ): number;
  _synsight_classifier_free(classifier: Pointer): void;
  _synsight_classifier_get_info(classifier: Pointer): Pointer;
  _synsight_classify(
    classifier: Pointer,
    bytes: Pointer,
    size: number,
    top: number,
    options: Pointer,
    classification: Pointer,
    message: Pointer,
  ): number;
  _synsight_classify_pixels(
    classifier: Pointer,
    rgba: Pointer,
    width: number,
    height: number,
    top: number,
    options: Pointer,
    classification: Pointer,
    message: Pointer,
  ): number;
  _synsight_classification_free(classification: Pointer): void;
}

/** What a build's synsight.js exports as its default. */
export type CreateWasm = () => Promise<Wasm>;
