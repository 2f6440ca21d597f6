// SPDX-License-Identifier: Apache-2.0
// The module's memory: the only code that reads or writes it.
import { SynsightError, type ErrorCode } from "../types.js";
import type { Wasm } from "./wasm.js";

export class Memory {
  private bytes = new Uint8Array();
  private view = new DataView(this.bytes.buffer);

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
    this.write(pointer, bytes);
    return pointer;
  }

  /** A text with its closing zero. */
  copyInText(text: string): number {
    return this.copyIn(new TextEncoder().encode(`${text}\0`));
  }

  write(pointer: number, bytes: Uint8Array | Uint8ClampedArray): void {
    this.look();
    this.bytes.set(bytes, pointer);
  }

  /** A copy, in memory that is not shared. */
  read(pointer: number, size: number): Uint8Array<ArrayBuffer> {
    this.look();
    return new Uint8Array(this.bytes.subarray(pointer, pointer + size));
  }

  u32(pointer: number): number {
    return this.look().getUint32(pointer, true);
  }

  i32(pointer: number): number {
    return this.look().getInt32(pointer, true);
  }

  /** A number of 64 bits that a JavaScript number holds. */
  i64(pointer: number): number {
    return Number(this.look().getBigInt64(pointer, true));
  }

  f32(pointer: number): number {
    return this.look().getFloat32(pointer, true);
  }

  f64(pointer: number): number {
    return this.look().getFloat64(pointer, true);
  }

  setU32(pointer: number, value: number): void {
    this.look().setUint32(pointer, value, true);
  }

  setI64(pointer: number, value: number): void {
    this.look().setBigInt64(pointer, BigInt(value), true);
  }

  setF64(pointer: number, value: number): void {
    this.look().setFloat64(pointer, value, true);
  }

  text(pointer: number): string {
    if (pointer === 0) return "";
    this.look();
    // A copy, because a TextDecoder takes no shared memory.
    return new TextDecoder().decode(this.bytes.slice(pointer, this.bytes.indexOf(0, pointer)));
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

  /** The memory as it is now: it has another buffer after it has grown. */
  private look(): DataView {
    const { buffer } = this.wasm.wasmMemory;
    if (this.bytes.buffer !== buffer) {
      this.bytes = new Uint8Array(buffer);
      this.view = new DataView(buffer);
    }
    return this.view;
  }
}
