// SPDX-License-Identifier: Apache-2.0
#include "core/ops/depth_to_space.h"

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/graph/attributes.h"
#include "core/ops/kernels.h"

namespace synsight::ops {

Result<BlockParams> parse_block_params(const Node& node) {
  BlockParams params;
  SYNSIGHT_TRY_ASSIGN(params.block_size, int_attribute(node, "blocksize", 0));
  SYNSIGHT_TRY_ASSIGN(const std::string mode, string_attribute(node, "mode", "DCR"));
  if (params.block_size < 1 || params.block_size > INT32_MAX) {
    return fail(ErrorCode::kInvalidModel,
                concat({"blocksize is ", params.block_size, ", wanted 1 to ", INT32_MAX}));
  }
  if (mode != "DCR" && mode != "CRD") {
    return fail(ErrorCode::kUnsupportedOp, concat({"mode is \"", mode, "\", wanted DCR or CRD"}));
  }
  params.is_crd = mode == "CRD";
  return params;
}

namespace {

Status check_rank(const Shape& shape) {
  if (shape.rank() == 4) return {};
  return fail(ErrorCode::kShapeMismatch,
              concat({"the input has shape ", shape.to_string(), ", wanted [N,C,H,W]"}));
}

tl::unexpected<Error> does_not_divide(const Shape& shape, int64_t block_size) {
  return fail(ErrorCode::kShapeMismatch,
              concat({"blocks of ", block_size, " do not fit shape ", shape.to_string()}));
}

}  // namespace

Blocks plan_blocks(const BlockParams& params, const Shape& space, const Strides& depth_steps,
                   const Strides& space_steps) {
  const int64_t block = params.block_size;
  const int64_t channels = space[1];
  const int64_t plane = depth_steps[1];
  const int64_t column = params.is_crd ? plane : plane * channels;
  const int64_t channel = params.is_crd ? plane * block * block : plane;
  return {{space[0], block, block, channels, space[2] / block, space[3] / block},
          {depth_steps[0], column * block, column, channel, depth_steps[2], depth_steps[3]},
          {space_steps[0], space_steps[2], space_steps[3], space_steps[1], space_steps[2] * block,
           space_steps[3] * block}};
}

Result<std::vector<ValueInfo>> infer_depth_to_space(const Node& node,
                                                    std::span<const ValueInfo> inputs) {
  const Shape& x = inputs[0].shape;
  SYNSIGHT_TRY(check_rank(x));
  SYNSIGHT_TRY_ASSIGN(const BlockParams params, parse_block_params(node));
  const int64_t block = params.block_size;
  const auto height = checked_mul(x[2], block);
  const auto width = checked_mul(x[3], block);
  if (x[1] % (block * block) != 0 || !height || !width) return does_not_divide(x, block);
  return std::vector<ValueInfo>{{inputs[0].dtype, {x[0], x[1] / (block * block), *height, *width}}};
}

Status run_depth_to_space(const Node& node, std::span<const TensorView> inputs,
                          std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const BlockParams params, parse_block_params(node));
  const Blocks blocks = plan_blocks(params, outputs[0].shape, row_major_strides(inputs[0].shape),
                                    row_major_strides(outputs[0].shape));
  copy_strided(blocks.shape, dtype_size(inputs[0].dtype), inputs[0].data, blocks.depth_strides,
               outputs[0].data, blocks.space_strides);
  return {};
}

Result<std::vector<ValueInfo>> infer_space_to_depth(const Node& node,
                                                    std::span<const ValueInfo> inputs) {
  const Shape& x = inputs[0].shape;
  SYNSIGHT_TRY(check_rank(x));
  SYNSIGHT_TRY_ASSIGN(const BlockParams params, parse_block_params(node));
  const int64_t block = params.block_size;
  const auto channels = checked_mul(x[1], block * block);
  if (x[2] % block != 0 || x[3] % block != 0 || !channels) return does_not_divide(x, block);
  return std::vector<ValueInfo>{{inputs[0].dtype, {x[0], *channels, x[2] / block, x[3] / block}}};
}

Status run_space_to_depth(const Node& node, std::span<const TensorView> inputs,
                          std::span<const MutableTensorView> outputs) {
  SYNSIGHT_TRY_ASSIGN(const BlockParams params, parse_block_params(node));
  const Blocks blocks = plan_blocks(params, inputs[0].shape, row_major_strides(outputs[0].shape),
                                    row_major_strides(inputs[0].shape));
  copy_strided(blocks.shape, dtype_size(inputs[0].dtype), inputs[0].data, blocks.space_strides,
               outputs[0].data, blocks.depth_strides);
  return {};
}

}  // namespace synsight::ops
