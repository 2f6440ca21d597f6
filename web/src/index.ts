// SPDX-License-Identifier: Apache-2.0
export { Classifier, type ClassifyOptions, type LoadOptions, type Result } from "./classifier.js";
export {
  SynsightError,
  type Build,
  type ByteSource,
  type Classification,
  type DType,
  type Decoder,
  type ErrorCode,
  type ImageSource,
  type ModelInfo,
  type Pixels,
  type Prediction,
  type Progress,
  type Tensor,
  type TensorData,
  type Timings,
} from "./types.js";
