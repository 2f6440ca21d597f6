// SPDX-License-Identifier: Apache-2.0
// Tensors between JavaScript and the module's memory.
import { SynsightError, type DType, type Tensor, type TensorData } from "../types.js";
import type { Memory } from "./memory.js";

type ArrayType = {
  new (buffer: ArrayBuffer): TensorData;
  readonly BYTES_PER_ELEMENT: number;
};

/** By the numbers of ONNX's TensorProto.DataType. */
const kDTypes: Readonly<Record<number, readonly [DType, ArrayType]>> = {
  1: ["float32", Float32Array],
  2: ["uint8", Uint8Array],
  3: ["int8", Int8Array],
  4: ["uint16", Uint16Array],
  5: ["int16", Int16Array],
  6: ["int32", Int32Array],
  7: ["int64", BigInt64Array],
  9: ["bool", Uint8Array],
  10: ["float16", Uint16Array],
  11: ["float64", Float64Array],
  12: ["uint32", Uint32Array],
  13: ["uint64", BigUint64Array],
  16: ["bfloat16", Uint16Array],
};

// The struct synsight_tensor with pointers of four bytes.
const kTensor = { size: 20, dtype: 0, rank: 4, dims: 8, data: 12, numBytes: 16 };

export const kTensorSize = kTensor.size;

/** A copy of the synsight_tensor at `pointer`. */
export function readTensor(memory: Memory, pointer: number): Tensor {
  const found = kDTypes[memory.u32(pointer + kTensor.dtype)];
  if (!found) throw new SynsightError("internal", "the module gives a tensor of an unknown dtype");
  const [dtype, type] = found;
  const rank = memory.u32(pointer + kTensor.rank);
  const dims = memory.u32(pointer + kTensor.dims);
  const bytes = memory.read(
    memory.u32(pointer + kTensor.data),
    memory.u32(pointer + kTensor.numBytes),
  );
  return {
    dtype,
    dims: Array.from({ length: rank }, (_, i) => memory.i64(dims + 8 * i)),
    data: new type(bytes.buffer),
  };
}

/**
 * Writes a synsight_tensor to `pointer`. Gives what it allocated, to be freed. Throws SynsightError for what is no tensor;
 * the core checks the rest.
 */
export function writeTensor(memory: Memory, pointer: number, tensor: Tensor): number[] {
  const number = Object.keys(kDTypes).find((key) => kDTypes[Number(key)]?.[0] === tensor.dtype);
  const type = number === undefined ? undefined : kDTypes[Number(number)]?.[1];
  if (number === undefined || !type || !(tensor.data instanceof type)) {
    throw new SynsightError(
      "invalid_argument",
      `a tensor of ${String(tensor.dtype)} has its elements in ${type?.name ?? "no known array"}`,
    );
  }
  if (!tensor.dims.every(Number.isSafeInteger)) {
    throw new SynsightError("invalid_argument", `[${tensor.dims.join()}] are no dimensions`);
  }
  const { buffer, byteOffset, byteLength } = tensor.data;
  const dims = memory.allocate(8 * tensor.dims.length);
  const data = memory.copyIn(new Uint8Array(buffer, byteOffset, byteLength));
  tensor.dims.forEach((dim, i) => memory.setI64(dims + 8 * i, dim));
  memory.setU32(pointer + kTensor.dtype, Number(number));
  memory.setU32(pointer + kTensor.rank, tensor.dims.length);
  memory.setU32(pointer + kTensor.dims, dims);
  memory.setU32(pointer + kTensor.data, data);
  memory.setU32(pointer + kTensor.numBytes, byteLength);
  return [dims, data];
}
