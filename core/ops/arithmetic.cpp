// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/kernels.h"
#include "core/ops/numeric.h"
#include "core/ops/strided.h"

namespace synsight::ops {

namespace {

enum class Types { kFloats, kNumbers, kBool };

/// Y = f(... f(f(A, B), C) ...), element by element, with NumPy's broadcasting.
struct Function {
  std::string_view name;
  Types types = Types::kNumbers;
  double (*on_floats)(double a, double b) = nullptr;
  int64_t (*on_integers)(int64_t a, int64_t b) = nullptr;
  bool is_division = false;  // integers: fails where b is 0
};

double max_of(double a, double b) { return a > b || std::isnan(a) ? a : b; }
double min_of(double a, double b) { return a < b || std::isnan(a) ? a : b; }
double add(double a, double b) { return a + b; }

/// A - floor(A / B) * B: has B's sign.
double floor_mod(double a, double b) {
  const double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(remainder, b);
  return (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

// In C++ the smallest integer divided by -1 is undefined.
int64_t divide(int64_t a, int64_t b) {
  if (b == 0) return 0;
  return b == -1 ? wrapping_sub(0, a) : a / b;
}
int64_t truncated_mod(int64_t a, int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }
int64_t floored_mod(int64_t a, int64_t b) {
  const int64_t remainder = truncated_mod(a, b);
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

constexpr Function kFunctions[] = {
    {"Add", Types::kNumbers, add, wrapping_add},
    {"And", Types::kBool, nullptr, [](int64_t a, int64_t b) { return a & b; }},
    {"Div", Types::kNumbers, [](double a, double b) { return a / b; }, divide, true},
    {"Max", Types::kNumbers, max_of, [](int64_t a, int64_t b) { return std::max(a, b); }},
    {"Mean", Types::kFloats, add},
    {"Min", Types::kNumbers, min_of, [](int64_t a, int64_t b) { return std::min(a, b); }},
    {"Mod", Types::kNumbers, floor_mod, floored_mod, true},
    {"Mul", Types::kNumbers, [](double a, double b) { return a * b; }, wrapping_mul},
    {"Or", Types::kBool, nullptr, [](int64_t a, int64_t b) { return a | b; }},
    {"PRelu", Types::kNumbers, [](double x, double slope) { return x < 0 ? slope * x : x; },
     [](int64_t x, int64_t slope) { return x < 0 ? wrapping_mul(slope, x) : x; }},
    {"Sub", Types::kNumbers, [](double a, double b) { return a - b; }, wrapping_sub},
    {"Sum", Types::kFloats, add},
    {"Xor", Types::kBool, nullptr, [](int64_t a, int64_t b) { return a ^ b; }},
};

constexpr Function kFmod = {"Mod", Types::kNumbers,
                            [](double a, double b) { return std::fmod(a, b); }, truncated_mod,
                            true};

Result<const Function*> function_of(const Node& node) {
  SYNSIGHT_TRY_ASSIGN(const int64_t fmod, int_attribute(node, "fmod", 0));
  if (fmod != 0) return &kFmod;
  return std::find_if(std::begin(kFunctions), std::end(kFunctions),
                      [&](const Function& function) { return function.name == node.op_type; });
}

Status check_types(const Function& function, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_same_dtype(inputs));
  switch (function.types) {
    case Types::kFloats:
      return check_dtype("the input", inputs[0].dtype, kFloatTypes);
    case Types::kNumbers:
      return check_dtype("the input", inputs[0].dtype, kNumericTypes);
    case Types::kBool:
      break;
  }
  return check_dtype("the input", inputs[0].dtype, {DType::kBool});
}

/// y = f(a, b). y may be a, where their shapes are equal.
template <typename T>
void apply(const Function& function, const TensorView& a, const TensorView& b,
           const MutableTensorView& y) {
  const T* first = a.as<T>().data();
  const T* second = b.as<T>().data();
  T* result = y.as<T>().data();
  for_each_offset<2>(y.shape,
                     {broadcast_strides(a.shape, y.shape), broadcast_strides(b.shape, y.shape)},
                     [&](const std::array<int64_t, 2>& at) {
                       const Wide<T> x = first[at[0]];
                       if constexpr (std::is_floating_point_v<T>) {
                         *result++ = static_cast<T>(function.on_floats(x, second[at[1]]));
                       } else {
                         *result++ = static_cast<T>(function.on_integers(x, second[at[1]]));
                       }
                     });
}

/// Errors: kInvalidArgument for an integer divided by 0.
template <typename T>
Status run(const Function& function, std::span<const TensorView> inputs,
           const MutableTensorView& y) {
  if (std::is_integral_v<T> && function.is_division) {
    const auto divisors = inputs[1].as<T>();
    if (std::find(divisors.begin(), divisors.end(), T{0}) != divisors.end()) {
      return fail(ErrorCode::kInvalidArgument, "divides an integer by zero");
    }
  }
  if (inputs.size() == 1 && y.size_bytes() > 0) std::memcpy(y.data, inputs[0].data, y.size_bytes());
  for (size_t i = 1; i < inputs.size(); ++i) {
    apply<T>(function, i == 1 ? inputs[0] : TensorView(y), inputs[i], y);
  }
  if constexpr (std::is_floating_point_v<T>) {
    if (function.name == "Mean") {
      for (T& value : y.as<T>()) value /= static_cast<T>(inputs.size());
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ValueInfo>> infer_arithmetic(const Node& node,
                                                std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(const Function* function, function_of(node));
  SYNSIGHT_TRY(check_all_exist(inputs));
  SYNSIGHT_TRY(check_types(*function, inputs));
  Shape shape = inputs[0].shape;
  for (const ValueInfo& input : inputs) {
    SYNSIGHT_TRY_ASSIGN(shape, broadcast_shapes(shape, input.shape));
  }
  if (node.op_type == "PRelu" && shape != inputs[0].shape) {
    return fail(ErrorCode::kShapeMismatch,
                concat({"slope of shape ", inputs[1].shape.to_string(),
                        " does not broadcast to the input's ", inputs[0].shape.to_string()}));
  }
  return std::vector<ValueInfo>{{inputs[0].dtype, shape}};
}

Status run_arithmetic(const Node& node, std::span<const TensorView> inputs,
                      std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const Function* function, function_of(node));
  Status status;
  visit_numeric_type(inputs[0].dtype, [&](auto type) {
    status = run<decltype(type)>(*function, inputs, outputs[0]);
  });
  return status;
}

}  // namespace synsight::ops
