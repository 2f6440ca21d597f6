// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "native/cuda/functors/binary.h"
#include "native/cuda/functors/binary_integers.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/functors/pow_integers.h"
#include "native/cuda/functors/unary.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

enum class Kind { kArithmetic, kComparison, kLogic };

struct Row {
  std::string_view name;
  BinaryFunction function;
  Kind kind = Kind::kArithmetic;
};

constexpr Row kRows[] = {
    {"Add", BinaryFunction::kAdd},
    {"And", BinaryFunction::kAnd, Kind::kLogic},
    {"Div", BinaryFunction::kDiv},
    {"Equal", BinaryFunction::kEqual, Kind::kComparison},
    {"Greater", BinaryFunction::kGreater, Kind::kComparison},
    {"GreaterOrEqual", BinaryFunction::kGreaterOrEqual, Kind::kComparison},
    {"Less", BinaryFunction::kLess, Kind::kComparison},
    {"LessOrEqual", BinaryFunction::kLessOrEqual, Kind::kComparison},
    {"Max", BinaryFunction::kMax},
    {"Mean", BinaryFunction::kAdd},
    {"Min", BinaryFunction::kMin},
    {"Mod", BinaryFunction::kMod},
    {"Mul", BinaryFunction::kMul},
    {"Or", BinaryFunction::kOr, Kind::kLogic},
    {"PRelu", BinaryFunction::kPRelu},
    {"Pow", BinaryFunction::kPow},
    {"Sub", BinaryFunction::kSub},
    {"Sum", BinaryFunction::kAdd},
    {"Xor", BinaryFunction::kXor, Kind::kLogic},
};

/// Whether f32 holds every element.
bool is_exact(const Operand& operand) {
  const DType dtype = operand.info.dtype;
  return is_float(operand) || dtype == DType::kBool || dtype == DType::kInt8 ||
         dtype == DType::kUInt8;
}

/// Errors: kInvalidArgument where a divisor that is known before a run is 0.
Status check_divisor(const Operand& divisor) {
  if (!divisor.info.is_known()) return {};
  for (size_t i = 0; i < divisor.info.shape.num_elements(); ++i) {
    const auto index = static_cast<int64_t>(i);
    if (load_integer({divisor.info.data, divisor.info.dtype}, index) == 0) {
      return fail(ErrorCode::kInvalidArgument, "divides an integer by zero");
    }
  }
  return {};
}

/// Y = f(... f(f(A, B), C) ...) with broadcasting; what lies between is f32 in the scratch memory,
/// or of integers Y's. An integer that a run divides by 0 gives 0: nobody could be told.
class BinaryKernel final : public LaunchKernel {
 public:
  BinaryKernel(Queue& queue, const Row& row, BinaryFunction function, const Node& node)
      : LaunchKernel(queue, node, "elementwise"), row_(row), function_(function) {
    if (node.op_type == "Mean") divisor_ = static_cast<float>(node.inputs.size());
  }

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    switch (row_.kind) {
      case Kind::kArithmetic:
        break;
      case Kind::kComparison:
        return std::all_of(inputs.begin(), inputs.end(), is_exact) || are_integers(inputs);
      case Kind::kLogic:
        return inputs[0].info.dtype == DType::kBool;
    }
    if (are_integers(inputs)) return true;
    if (function_ == BinaryFunction::kPow && !is_storable(inputs[1].info.dtype)) return false;
    if (are_powers_of_integers(inputs)) return true;
    const auto values = function_ == BinaryFunction::kPow ? inputs.first(1) : inputs;
    return std::all_of(values.begin(), values.end(), is_float) && is_float(outputs[0]);
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    choose_elementwise(inputs, outputs);
    const bool has_float_exponents = are_powers_of_integers(inputs) && is_float(inputs[1]);
    if (has_float_exponents) inputs[1].info.dtype = DType::kFloat32;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> outputs) override {
    const Shape& shape = outputs[0].info.shape;
    const ops::Strides strides = strides_of(outputs[0]);
    const DType dtype = outputs[0].info.dtype;
    steps_.clear();
    integer_steps_.clear();
    powers_.reset();
    if (are_powers_of_integers(inputs)) {
      powers_ =
          Powers{.space = plan_index_space<3>(shape, {strides, broadcast_strides(inputs[0], shape),
                                                      broadcast_strides(inputs[1], shape)}),
                 .dtype = dtype,
                 .exponent_dtype = inputs[1].info.dtype,
                 .has_integer_exponents = is_integer(inputs[1])};
      return 0;
    }
    if (are_integers(inputs)) return plan_integers(inputs, outputs[0]);
    for (size_t i = 1; i < inputs.size(); ++i) {
      const bool is_first = i == 1;
      const bool is_last = i + 1 == inputs.size();
      Binary step{.function = function_};
      if (is_last) step.clamp = clamp();
      if (is_last) step.divisor = divisor_;
      step.space = plan_index_space<3>(
          shape, {strides, is_first ? broadcast_strides(inputs[0], shape) : strides,
                  broadcast_strides(inputs[i], shape)});
      step.y.dtype = is_last ? dtype : DType::kFloat32;
      step.a.dtype = is_first ? inputs[0].info.dtype : DType::kFloat32;
      step.b.dtype = inputs[i].info.dtype;
      steps_.push_back(step);
    }
    copy_ = {.clamp = clamp(),
             .num_elements = num_elements(outputs[0]),
             .y = {nullptr, dtype},
             .x = {nullptr, inputs[0].info.dtype}};
    return steps_.size() > 1 ? shape.num_elements() * sizeof(float) : 0;
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    unbind();
    if (powers_) {
      bind_powers(inputs, outputs[0]);
      return {};
    }
    for (size_t i = 0; i < steps_.size(); ++i) {
      Binary& step = steps_[i];
      step.y.data = i + 1 == steps_.size() ? outputs[0] : scratch;
      step.a.data = i == 0 ? inputs[0] : scratch;
      step.b.data = inputs[i + 1];
      bind(step, step.space.num_packs());
    }
    for (size_t i = 0; i < integer_steps_.size(); ++i) {
      BinaryIntegers& step = integer_steps_[i];
      step.y.data = outputs[0];
      step.a.data = i == 0 ? inputs[0] : outputs[0];
      step.b.data = inputs[std::min(i + 1, inputs.size() - 1)];
      bind(step, step.space.num_elements);
    }
    if (!steps_.empty() || !integer_steps_.empty()) return {};
    copy_.y.data = outputs[0];
    copy_.x.data = inputs[0];
    bind(copy_, copy_.num_packs());
    return {};
  }

 private:
  struct Powers {
    IndexSpace<3> space;
    DType dtype;
    DType exponent_dtype;
    bool has_integer_exponents;
  };

  bool are_powers_of_integers(std::span<const Operand> inputs) const {
    return function_ == BinaryFunction::kPow && is_integer(inputs[0]);
  }

  void bind_powers(std::span<const void* const> inputs, void* output) {
    visit_integer_storage(powers_->dtype, [&](auto type) {
      using T = decltype(type);
      if constexpr (!std::is_same_v<T, bool>) {
        const PowIntegers<T> powers{.space = powers_->space,
                                    .y = static_cast<T*>(output),
                                    .a = static_cast<const T*>(inputs[0]),
                                    .b = {inputs[1], powers_->exponent_dtype},
                                    .has_integer_exponents = powers_->has_integer_exponents};
        bind(powers, powers.space.num_elements);
      }
    });
  }

  /// Whether it is computed in integers: of what f32 does not hold, and all that is no comparison.
  bool are_integers(std::span<const Operand> inputs) const {
    if (function_ == BinaryFunction::kPow || row_.kind == Kind::kLogic) return false;
    if (row_.kind == Kind::kComparison && is_exact(inputs[0])) return false;
    return std::all_of(inputs.begin(), inputs.end(), is_integer);
  }

  Result<size_t> plan_integers(std::span<const Operand> inputs, const Operand& output) {
    const bool divides = function_ == BinaryFunction::kDiv || function_ == BinaryFunction::kMod ||
                         function_ == BinaryFunction::kFmod;
    if (divides) SYNSIGHT_TRY(check_divisor(inputs[1]));
    const Shape& shape = output.info.shape;
    const ops::Strides strides = strides_of(output);
    // The largest or smallest of one input is that of the input and itself.
    for (size_t i = 1; i < std::max(inputs.size(), size_t{2}); ++i) {
      const Operand& b = inputs[std::min(i, inputs.size() - 1)];
      BinaryIntegers step{.function = function_};
      step.space = plan_index_space<3>(
          shape, {strides, i == 1 ? broadcast_strides(inputs[0], shape) : strides,
                  broadcast_strides(b, shape)});
      step.y.dtype = output.info.dtype;
      step.a.dtype = step.b.dtype = b.info.dtype;
      integer_steps_.push_back(step);
    }
    return 0;
  }

  const Row& row_;
  BinaryFunction function_;
  float divisor_ = 1;
  std::vector<Binary> steps_;
  std::vector<BinaryIntegers> integer_steps_;
  std::optional<Powers> powers_;  // Pow's, of integers
  Unary copy_;                    // Sum, Mean, Max and Min of a single input
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_binary(const Compilation& compilation, const Node& node) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& other) { return other.name == node.op_type; });
  if (row == std::end(kRows)) return nullptr;
  BinaryFunction function = row->function;
  if (function == BinaryFunction::kMod) {
    SYNSIGHT_TRY_ASSIGN(const int64_t fmod, int_attribute(node, "fmod", 0));
    if (fmod != 0) function = BinaryFunction::kFmod;
  }
  return std::make_unique<BinaryKernel>(compilation.queue, *row, function, node);
}

}  // namespace synsight::cuda
