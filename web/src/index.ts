// SPDX-License-Identifier: Apache-2.0
export {
  Classifier,
  type ClassifyOptions,
  type ImageSource,
  type LoadOptions,
  type ModelSource,
  type Result,
} from "./classifier.js";
export {
  SynsightError,
  type Build,
  type Classification,
  type ErrorCode,
  type ModelInfo,
  type Pixels,
  type Prediction,
  type Timings,
} from "./types.js";
