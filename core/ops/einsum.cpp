// SPDX-License-Identifier: Apache-2.0
#include "core/ops/einsum.h"

#include <algorithm>
#include <cctype>

#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/arguments.h"
#include "core/ops/element_types.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

namespace {

/// The axes that an ellipsis stands for have labels of their own, counted from the last axis.
constexpr char kFirstEllipsisLabel = '0';

/// A term with its ellipsis written out as `count` labels. Errors: kInvalidModel.
Result<std::string> expand_ellipsis(const std::string& term, size_t count) {
  std::string labels;
  size_t num_ellipses = 0;
  for (size_t i = 0; i < term.size(); ++i) {
    const bool is_ellipsis = term.compare(i, 3, "...") == 0;
    if (is_ellipsis) {
      for (size_t j = count; j-- > 0;) labels += static_cast<char>(kFirstEllipsisLabel + j);
      i += 2;
      ++num_ellipses;
    } else if (std::isalpha(static_cast<unsigned char>(term[i])) != 0) {
      labels += term[i];
    } else {
      return fail(ErrorCode::kInvalidModel, concat({"term \"", term, "\" is not letters"}));
    }
  }
  if (num_ellipses > 1) {
    return fail(ErrorCode::kInvalidModel, concat({"term \"", term, "\" has two ellipses"}));
  }
  return labels;
}

/// Without an arrow the output has the labels that occur once, sorted, behind the ellipsis' axes.
std::string implicit_output(const std::vector<std::string>& terms, size_t num_ellipsis_axes) {
  std::string all;
  for (const std::string& term : terms) all += term;
  std::sort(all.begin(), all.end());
  std::string output;
  for (size_t i = num_ellipsis_axes; i-- > 0;) output += static_cast<char>(kFirstEllipsisLabel + i);
  for (const char label : all) {
    const bool is_letter = std::isalpha(static_cast<unsigned char>(label)) != 0;
    if (is_letter && std::count(all.begin(), all.end(), label) == 1) output += label;
  }
  return output;
}

}  // namespace

Result<EinsumEquation> parse_einsum_equation(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY_ASSIGN(std::string text, string_attribute(node, "equation", ""));
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  const size_t arrow = text.find("->");
  std::string left = text.substr(0, arrow) + ",";
  std::vector<std::string> terms;
  for (size_t comma = left.find(','); comma != std::string::npos; comma = left.find(',')) {
    terms.push_back(left.substr(0, comma));
    left.erase(0, comma + 1);
  }
  if (terms.size() != inputs.size()) {
    return fail(ErrorCode::kInvalidModel, concat({"equation \"", text, "\" has ", terms.size(),
                                                  " terms, the node ", inputs.size(), " inputs"}));
  }
  EinsumEquation equation;
  size_t num_ellipsis_axes = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    const size_t rank = inputs[i].shape.rank();
    SYNSIGHT_TRY_ASSIGN(std::string labels, expand_ellipsis(terms[i], 0));
    const bool has_ellipsis = labels.size() != terms[i].size();
    if (labels.size() > rank || (labels.size() < rank && !has_ellipsis)) {
      return fail(ErrorCode::kShapeMismatch, concat({"term \"", terms[i], "\" does not fit shape ",
                                                     inputs[i].shape.to_string()}));
    }
    num_ellipsis_axes = std::max(num_ellipsis_axes, rank - labels.size());
    SYNSIGHT_TRY_ASSIGN(labels, expand_ellipsis(terms[i], rank - labels.size()));
    equation.inputs.push_back(std::move(labels));
  }
  if (arrow == std::string::npos) {
    equation.output = implicit_output(equation.inputs, num_ellipsis_axes);
  } else {
    SYNSIGHT_TRY_ASSIGN(equation.output,
                        expand_ellipsis(text.substr(arrow + 2), num_ellipsis_axes));
  }
  return equation;
}

namespace {

/// How many indices a label has: its axes are of that size, or of 1, which broadcasts. 0 where no
/// operand has the label. Errors: kShapeMismatch.
Result<int64_t> label_size(char label, const EinsumEquation& equation,
                           std::span<const ValueInfo> inputs) {
  int64_t size = -1;
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t axis = 0; axis < equation.inputs[i].size(); ++axis) {
      const int64_t dim = inputs[i].shape[axis];
      if (equation.inputs[i][axis] != label || dim == size) continue;
      if (size != -1 && size != 1 && dim != 1) {
        return fail(ErrorCode::kShapeMismatch,
                    concat({"two axes of one label have sizes ", size, " and ", dim}));
      }
      if (size == -1 || size == 1) size = dim;
    }
  }
  if (size == -1) return fail(ErrorCode::kInvalidModel, "the output has a label that no input has");
  return size;
}

/// How far one step along a label goes in an operand; a label that stands twice is a diagonal.
int64_t label_stride(char label, const std::string& labels, const Shape& shape) {
  const Strides strides = row_major_strides(shape);
  int64_t stride = 0;
  for (size_t axis = 0; axis < labels.size(); ++axis) {
    if (labels[axis] == label && shape[axis] != 1) stride += strides[axis];
  }
  return stride;
}

}  // namespace

Result<EinsumParams> parse_einsum(const Node& node, std::span<const ValueInfo> inputs) {
  if (inputs.size() > kMaxEinsumOperands) {
    return fail(
        ErrorCode::kUnsupportedOp,
        concat({"has ", inputs.size(), " inputs, supported are up to ", kMaxEinsumOperands}));
  }
  SYNSIGHT_TRY_ASSIGN(const EinsumEquation equation, parse_einsum_equation(node, inputs));
  std::string summed;
  for (const std::string& term : equation.inputs) {
    for (const char label : term) {
      if ((equation.output + summed).find(label) == std::string::npos) summed += label;
    }
  }
  if (equation.output.size() > Shape::kMaxRank || summed.size() > Shape::kMaxRank) {
    return fail(ErrorCode::kUnsupportedOp, concat({"has more than ", Shape::kMaxRank, " labels"}));
  }
  EinsumParams params;
  const auto add_axes = [&](const std::string& labels, Shape& shape,
                            std::array<Strides, kMaxEinsumOperands>& strides) -> Status {
    for (size_t axis = 0; axis < labels.size(); ++axis) {
      if (labels.find(labels[axis]) != axis) {
        return fail(ErrorCode::kInvalidModel, "the output has a label twice");
      }
      SYNSIGHT_TRY_ASSIGN(const int64_t size, label_size(labels[axis], equation, inputs));
      shape.push_back(size);
      for (size_t i = 0; i < inputs.size(); ++i) {
        strides[i][axis] = label_stride(labels[axis], equation.inputs[i], inputs[i].shape);
      }
    }
    return {};
  };
  SYNSIGHT_TRY(add_axes(equation.output, params.output, params.output_strides));
  SYNSIGHT_TRY(add_axes(summed, params.summed, params.summed_strides));
  return params;
}

/// Y = Einsum(A, B) or Einsum(A), sums of products as the equation says, with NumPy's rules. All
/// f32 or all f64. Source: ONNX Einsum-12.
Result<std::vector<ValueInfo>> infer_einsum(const Node& node, std::span<const ValueInfo> inputs) {
  SYNSIGHT_TRY(check_all_exist(inputs));
  SYNSIGHT_TRY(check_dtype("the input", inputs[0].dtype, kFloatTypes));
  SYNSIGHT_TRY(check_same_dtype(inputs));
  SYNSIGHT_TRY_ASSIGN(const EinsumParams params, parse_einsum(node, inputs));
  SYNSIGHT_TRY(check_asked_shape(params.output));
  return std::vector<ValueInfo>{{inputs[0].dtype, params.output}};
}

Status run_einsum(const Node& node, std::span<const TensorView> inputs,
                  std::span<const MutableTensorView> outputs) {
  std::vector<ValueInfo> infos;
  for (const TensorView& input : inputs) infos.push_back({input.dtype, input.shape});
  SYNSIGHT_TRY_ASSIGN(const EinsumParams params, parse_einsum(node, infos));
  // The last summed axis is a loop of its own.
  const size_t last = std::max(params.summed.rank(), size_t{1}) - 1;
  const int64_t length = params.summed.rank() == 0 ? 1 : params.summed[last];
  const int64_t left_stride = params.summed_strides[0][last];
  const int64_t right_stride = params.summed_strides[1][last];
  SYNSIGHT_TRY_ASSIGN(const Shape outer, Shape::from_dims(params.summed.dims().first(last)));
  visit_element_type<float, double>(inputs[0].dtype, [&](auto type) {
    using T = decltype(type);
    const T one = 1;
    const T* a = inputs[0].as<T>().data();
    const T* b = inputs.size() > 1 ? inputs[1].as<T>().data() : &one;
    T* y = outputs[0].as<T>().data();
    for_each_offset(params.output, params.output_strides, [&](const auto& start) {
      double sum = 0;
      for_each_offset(outer, params.summed_strides, [&](const auto& step) {
        const T* left = a + start[0] + step[0];
        const T* right = b + start[1] + step[1];
        for (int64_t i = 0; i < length; ++i) {
          sum += static_cast<double>(left[i * left_stride]) * right[i * right_stride];
        }
      });
      *y++ = static_cast<T>(sum);
    });
  });
  return {};
}

}  // namespace synsight::ops
