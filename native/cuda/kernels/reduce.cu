// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "core/ops/reduce.h"
#include "native/cuda/functors/integers.h"
#include "native/cuda/functors/reduce.h"
#include "native/cuda/kernels.h"
#include "native/cuda/kernels/launch_kernel.h"

namespace synsight::cuda {

namespace {

constexpr std::pair<std::string_view, Reduction> kReductions[] = {
    {"GlobalAveragePool", Reduction::kMean},
    {"GlobalMaxPool", Reduction::kMax},
    {"ReduceL1", Reduction::kL1},
    {"ReduceL2", Reduction::kL2},
    {"ReduceLogSum", Reduction::kLogSum},
    {"ReduceLogSumExp", Reduction::kLogSumExp},
    {"ReduceMax", Reduction::kMax},
    {"ReduceMean", Reduction::kMean},
    {"ReduceMin", Reduction::kMin},
    {"ReduceProd", Reduction::kProd},
    {"ReduceSum", Reduction::kSum},
    {"ReduceSumSquare", Reduction::kSumSquare},
};

/// Rows that keep a large GPU busy, 16 for each of 132 multiprocessors; and the least that a part
/// is worth, a few elements a lane.
constexpr int64_t kEnoughRows = 2048;
constexpr int64_t kLeastPart = 256;
/// Outputs of fewer elements are not worth a row of lanes.
constexpr int64_t kLeastRow = 16;

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// An operand seen as outputs of `length` elements each.
struct Plan {
  StridedMap outputs;
  StridedMap inner;
  int64_t num_outputs = 1;
  int64_t length = 1;
  int64_t last_kept = 1;  // the innermost axis in memory, where it is kept
  bool reduces_last = false;
};

class Reduce final : public LaunchKernel {
 public:
  Reduce(Queue& queue, const Node& node, Reduction reduction)
      : LaunchKernel(queue, node, "reduce"), reduction_(reduction) {}

  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    const DType dtype = inputs[0].info.dtype;
    const bool is_integer = is_integer_storage(dtype) && outputs[0].info.dtype == dtype &&
                            reduction_ != Reduction::kLogSumExp;
    return (is_integer || LaunchKernel::accepts(inputs, outputs)) && parse(inputs).has_value();
  }

  void choose_layouts(std::span<Operand> inputs, std::span<Operand> outputs) const override {
    const bool was_last = inputs[0].layout == Layout::kChannelsLast;
    Kernel::choose_layouts(inputs, outputs);
    outputs[0].info.dtype = inputs[0].info.dtype;
    const auto params = parse(inputs);
    if (!was_last || !params) return;
    const bool keeps_rank = outputs[0].info.shape.rank() == 4;
    const auto& is_reduced = params->is_reduced;
    // Without kept dimensions the rest must lie in the same order in both layouts.
    if (!keeps_rank && !is_reduced[1] && !(is_reduced[2] && is_reduced[3])) return;
    inputs[0].layout = Layout::kChannelsLast;
    if (keeps_rank) outputs[0].layout = Layout::kChannelsLast;
  }

  Result<size_t> reshape(std::span<const Operand> inputs,
                         std::span<const Operand> /*outputs*/) override {
    SYNSIGHT_TRY_ASSIGN(const ops::ReduceParams params, parse(inputs));
    dtype_ = inputs[0].info.dtype;
    plan_ = plan(inputs[0], params);
    width_ = choose_width();
    num_parts_ = 1;
    if (width_ > 0 && reduction_ != Reduction::kLogSumExp) {
      const int64_t wanted = ceil_div(kEnoughRows, std::max<int64_t>(num_packs(), 1));
      num_parts_ = std::clamp<int64_t>(plan_.length / kLeastPart, 1, wanted);
    }
    part_length_ = ceil_div(plan_.length, num_parts_);
    num_parts_ = std::max<int64_t>(ceil_div(plan_.length, std::max<int64_t>(part_length_, 1)), 1);
    if (num_parts_ == 1) return 0;
    return static_cast<size_t>(num_parts_ * plan_.num_outputs) * sizeof(float);
  }

  Status setup(std::span<const void* const> inputs, std::span<void* const> outputs,
               void* scratch) override {
    unbind();
    visit_float_storage(dtype_, [&](auto type) {
      using T = decltype(type);
      bind_reduction<T>(static_cast<const T*>(inputs[0]), static_cast<T*>(outputs[0]),
                        num_parts_ > 1 ? static_cast<float*>(scratch) : nullptr);
    });
    visit_integer_storage(dtype_, [&](auto type) {
      using T = decltype(type);
      bind(ReduceIntegers<T>{static_cast<const T*>(inputs[0]), static_cast<T*>(outputs[0]),
                             plan_.outputs, plan_.inner, plan_.length, reduction_},
           plan_.num_outputs);
    });
    return {};
  }

 private:
  Result<ops::ReduceParams> parse(std::span<const Operand> inputs) const {
    if (node().op_type == "GlobalAveragePool" || node().op_type == "GlobalMaxPool") {
      ops::ReduceParams params;
      for (size_t axis = 2; axis < inputs[0].info.shape.rank(); ++axis) {
        params.is_reduced[axis] = true;
      }
      return params;
    }
    return ops::parse_reduce_params(node(), views_of(inputs));
  }

  static Plan plan(const Operand& input, const ops::ReduceParams& params) {
    const Shape shape = input.memory_shape();
    std::vector<StridedAxis> kept;
    std::vector<StridedAxis> reduced;
    Plan plan;
    int64_t stride = 1;
    bool is_first = true;
    for (size_t place = shape.rank(); place-- > 0;) {
      const int64_t size = shape[place];
      if (size == 1) continue;
      const bool is_reduced = params.is_reduced[axis_at(place, input.layout)];
      if (is_first) plan.reduces_last = is_reduced;
      if (is_first && !is_reduced) plan.last_kept = size;
      is_first = false;
      (is_reduced ? reduced : kept).push_back({size, stride});
      (is_reduced ? plan.length : plan.num_outputs) *= size;
      stride *= size;
    }
    std::reverse(kept.begin(), kept.end());
    std::reverse(reduced.begin(), reduced.end());
    plan.outputs = StridedMap(kept);
    plan.inner = StridedMap(reduced);
    return plan;
  }

  /// The neighbouring outputs that a row takes; 0: each output is reduced alone.
  int64_t choose_width() const {
    if (reduction_ == Reduction::kProd || !is_float_storage(dtype_)) return 0;
    if (plan_.length < kLeastRow) return 0;
    if (plan_.reduces_last) return 1;
    const auto full = static_cast<int64_t>(16 / dtype_size(dtype_));
    if (plan_.last_kept % full == 0) return full;
    return plan_.num_outputs >= kEnoughRows ? 0 : 1;
  }

  int64_t num_packs() const { return plan_.num_outputs / width_; }

  template <typename T>
  void bind_reduction(const T* x, T* y, float* partial) {
    const ReduceShape<T> shape = {
        x, y, plan_.outputs, plan_.inner, plan_.num_outputs, plan_.length, reduction_, clamp()};
    if (width_ == 0) return bind(ReduceAlone<T>{shape}, plan_.num_outputs);
    const Divider packs(num_packs());
    const int64_t num_rows = num_packs() * num_parts_;
    if (width_ == 1) {
      bind_rows(ReduceRows<T, 1>{shape, packs, part_length_, partial}, num_rows);
    } else {
      bind_rows(ReduceRows<T, kFullWidth<T>>{shape, packs, part_length_, partial}, num_rows);
    }
    if (partial == nullptr) return;
    bind(JoinParts<T>{partial, y, plan_.num_outputs, num_parts_, plan_.length, reduction_, clamp()},
         plan_.num_outputs);
  }

  Reduction reduction_;
  DType dtype_ = DType::kUndefined;
  Plan plan_;
  int64_t width_ = 0;
  int64_t num_parts_ = 1;
  int64_t part_length_ = 0;
};

}  // namespace

Result<std::unique_ptr<Kernel>> make_reduce(const Compilation& compilation, const Node& node) {
  for (const auto& [op_type, reduction] : kReductions) {
    if (op_type == node.op_type) {
      return std::make_unique<Reduce>(compilation.queue, node, reduction);
    }
  }
  return nullptr;
}

}  // namespace synsight::cuda
