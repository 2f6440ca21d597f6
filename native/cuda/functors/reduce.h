// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "native/cuda/functors/clamp.h"
#include "native/cuda/functors/strided_map.h"
#include "native/cuda/functors/vector.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

inline constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// What the Reduce operator of that name computes, in f32.
enum class Reduction : uint8_t {
  kL1,
  kL2,
  kLogSum,
  kLogSumExp,
  kMax,
  kMean,
  kMin,
  kProd,
  kSum,
  kSumSquare,
};

SYNSIGHT_HOST_DEVICE inline bool is_extremum(Reduction reduction) {
  return reduction == Reduction::kMax || reduction == Reduction::kMin;
}

/// The state of a reduction of nothing; that of a minimum is the largest negated element.
SYNSIGHT_HOST_DEVICE inline float start(Reduction reduction) {
  if (is_extremum(reduction)) return -kInfinity;
  return reduction == Reduction::kProd ? 1.0f : 0.0f;
}

/// NaN stays, once there.
SYNSIGHT_HOST_DEVICE inline float larger(float state, float value) {
  return value > state || std::isnan(value) ? value : state;
}

/// The state with one more element; `shift` is what LogSumExp subtracts, 0 for others.
SYNSIGHT_HOST_DEVICE inline float step(Reduction reduction, float state, float value, float shift) {
  switch (reduction) {
    case Reduction::kL1:
      return state + fabsf(value);
    case Reduction::kL2:
    case Reduction::kSumSquare:
      return state + value * value;
    case Reduction::kLogSumExp:
      return state + expf(value - shift);
    case Reduction::kMax:
      return larger(state, value);
    case Reduction::kMin:
      return larger(state, -value);
    case Reduction::kProd:
      return state * value;
    default:
      return state + value;
  }
}

/// The state of two parts of the elements.
SYNSIGHT_HOST_DEVICE inline float join(Reduction reduction, float a, float b) {
  if (is_extremum(reduction)) return larger(a, b);
  return reduction == Reduction::kProd ? a * b : a + b;
}

/// The state of what all lanes found. Products have none.
SYNSIGHT_HOST_DEVICE inline float join_lanes(Reduction reduction, float state, Lanes lanes) {
  if (!is_extremum(reduction)) return lanes.sum(state);
  const bool has_nan = lanes.sum(std::isnan(state) ? 1.0f : 0.0f) > 0;
  const float largest = lanes.max(state);
  return has_nan ? kNan : largest;
}

SYNSIGHT_HOST_DEVICE inline float finish(Reduction reduction, float state, int64_t length) {
  switch (reduction) {
    case Reduction::kL2:
      return sqrtf(state);
    case Reduction::kLogSum:
    case Reduction::kLogSumExp:
      return logf(state);
    case Reduction::kMean:
      return state / static_cast<float>(length);
    case Reduction::kMin:
      return -state;
    default:
      return state;
  }
}

/// X seen as [outputs, length]: each output is what its `length` elements come to.
template <typename T>
struct ReduceShape {
  const T* x = nullptr;
  T* y = nullptr;
  StridedMap outputs;  // where in X an output's first element lies
  StridedMap inner;    // how far behind it the others lie
  int64_t num_outputs = 0;
  int64_t length = 0;
  Reduction reduction = Reduction::kSum;
  Clamp clamp;
};

/// A row reduces one part of the elements of kWidth outputs that are neighbours in X; the lanes
/// share the part. With kWidth 1 neighbouring lanes read neighbours where X's last axis is reduced.
/// With more, each lane reads a pack, and the rows beside it the packs beside it, as for the means
/// of images that lie channels last. kWidth must divide X's last axis and the number of outputs.
template <typename T, int kWidth>
struct ReduceRows {
  ReduceShape<T> shape;
  Divider packs;             // num_outputs / kWidth
  int64_t part_length = 0;   // of every part but the last, which may be shorter
  float* partial = nullptr;  // [parts, num_outputs] states, or null where one part is all

  SYNSIGHT_HOST_DEVICE void operator()(int64_t row, Lanes lanes) const {
    const int64_t output = packs.split(row) * kWidth;
    const T* x = shape.x + shape.outputs.offset(output);
    const int64_t begin = row * part_length;
    const int64_t end = begin + part_length < shape.length ? begin + part_length : shape.length;
    float shifts[kWidth] = {};
    float states[kWidth];
    if (shape.reduction == Reduction::kLogSumExp) {
      reduce(x, begin, end, lanes, Reduction::kMax, shifts, states);
      for (int i = 0; i < kWidth; ++i) shifts[i] = std::isfinite(states[i]) ? states[i] : 0.0f;
    }
    reduce(x, begin, end, lanes, shape.reduction, shifts, states);
    if (lanes.index != 0) return;
    if (partial != nullptr) {
      for (int i = 0; i < kWidth; ++i) partial[row * shape.num_outputs + output + i] = states[i];
      return;
    }
    for (int i = 0; i < kWidth; ++i) {
      states[i] = shape.clamp(finish(shape.reduction, states[i], shape.length) + shifts[i]);
    }
    store_vector<kWidth>(states, shape.y + output);
  }

 private:
  SYNSIGHT_HOST_DEVICE void reduce(const T* x, int64_t begin, int64_t end, Lanes lanes,
                                   Reduction reduction, const float (&shifts)[kWidth],
                                   float (&states)[kWidth]) const {
    for (int i = 0; i < kWidth; ++i) states[i] = start(reduction);
    for (int64_t at = begin + lanes.index; at < end; at += lanes.count) {
      float values[kWidth];
      load_vector<kWidth>(x + shape.inner.offset(at), values);
      for (int i = 0; i < kWidth; ++i) states[i] = step(reduction, states[i], values[i], shifts[i]);
    }
    for (int i = 0; i < kWidth; ++i) states[i] = join_lanes(reduction, states[i], lanes);
  }
};

/// An index joins the parts of one output that ReduceRows left in `partial`.
template <typename T>
struct JoinParts {
  const float* partial = nullptr;  // [parts, outputs]
  T* y = nullptr;
  int64_t num_outputs = 0;
  int64_t num_parts = 0;
  int64_t length = 0;
  Reduction reduction = Reduction::kSum;
  Clamp clamp;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t output) const {
    float state = partial[output];
    for (int64_t part = 1; part < num_parts; ++part) {
      state = join(reduction, state, partial[part * num_outputs + output]);
    }
    from_float(clamp(finish(reduction, state, length)), y[output]);
  }
};

/// An index reduces one output alone: for products, and for many outputs of few elements each.
template <typename T>
struct ReduceAlone {
  ReduceShape<T> shape;

  SYNSIGHT_HOST_DEVICE void operator()(int64_t output) const {
    const T* x = shape.x + shape.outputs.offset(output);
    float shift = 0;
    if (shape.reduction == Reduction::kLogSumExp) {
      const float largest = reduce(x, Reduction::kMax, 0);
      shift = std::isfinite(largest) ? largest : 0.0f;
    }
    const float state = reduce(x, shape.reduction, shift);
    const float value = finish(shape.reduction, state, shape.length) + shift;
    from_float(shape.clamp(value), shape.y[output]);
  }

 private:
  SYNSIGHT_HOST_DEVICE float reduce(const T* x, Reduction reduction, float shift) const {
    float state = start(reduction);
    for (int64_t i = 0; i < shape.length; ++i) {
      state = step(reduction, state, to_float(x[shape.inner.offset(i)]), shift);
    }
    return state;
  }
};

}  // namespace synsight::cuda
