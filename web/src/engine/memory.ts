// SPDX-License-Identifier: Apache-2.0
// The module's memory: the only code that reads or writes it. Views are taken anew at each access, because the memory may
// grow in any call.
import { SynsightError, type ErrorCode } from "../types.js";
import type { Wasm } from "./wasm.js";

export class Memory {
  constructor(private readonly wasm: Wasm) {}

  /** Bytes that were allocated here: freed by `wasm._free`. */
  allocate(size: number): number {
    // Functions give 32 bits with a sign, and the memory may grow to 4 GB.
    const pointer = this.wasm._malloc(Math.max(size, 1)) >>> 0;
    if (pointer === 0) throw new SynsightError("out_of_memory", `cannot allocate ${size} bytes`);
    return pointer;
  }

  copyIn(bytes: Uint8Array | Uint8ClampedArray): number {
    const pointer = this.allocate(bytes.length);
    this.wasm.HEAPU8.set(bytes, pointer);
    return pointer;
  }

  write(pointer: number, bytes: Uint8Array): void {
    this.wasm.HEAPU8.set(bytes, pointer);
  }

  /** A text with its closing zero. */
  copyInText(text: string): number {
    return this.copyIn(new TextEncoder().encode(`${text}\0`));
  }

  u32(pointer: number): number {
    return this.wasm.HEAPU32[pointer >>> 2] ?? 0;
  }

  i32(pointer: number): number {
    return this.wasm.HEAP32[pointer >>> 2] ?? 0;
  }

  f32(pointer: number): number {
    return this.wasm.HEAPF32[pointer >>> 2] ?? 0;
  }

  f64(pointer: number): number {
    return this.wasm.HEAPF64[pointer >>> 3] ?? 0;
  }

  setU32(pointer: number, value: number): void {
    this.wasm.HEAPU32[pointer >>> 2] = value;
  }

  setF64(pointer: number, value: number): void {
    this.wasm.HEAPF64[pointer >>> 3] = value;
  }

  text(pointer: number): string {
    if (pointer === 0) return "";
    const heap = this.wasm.HEAPU8;
    // A copy, because a TextDecoder takes no shared memory.
    return new TextDecoder().decode(heap.slice(pointer, heap.indexOf(0, pointer)));
  }

  /**
   * Calls what takes a place for its result and one for its message, and gives the result's 32 bits.
   * Throws the SynsightError of any other status than ok.
   */
  call(run: (result: number, message: number) => number): number {
    const places = this.allocate(8);
    this.setU32(places, 0);
    this.setU32(places + 4, 0);
    try {
      const status = run(places, places + 4);
      if (status === 0) return this.u32(places);
      const message = this.u32(places + 4);
      const text = this.text(message);
      this.wasm._synsight_message_free(message);
      const code = this.text(this.wasm._synsight_status_name(status)) as ErrorCode;
      throw new SynsightError(code, text);
    } finally {
      this.wasm._free(places);
    }
  }
}
