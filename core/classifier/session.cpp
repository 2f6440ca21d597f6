// SPDX-License-Identifier: Apache-2.0
#include "core/classifier/session.h"

#include <algorithm>
#include <utility>

#include "core/backend/shape_plan.h"
#include "core/base/text.h"
#include "core/optimize/optimize.h"

namespace synsight {

namespace {

bool is_refusal(const Error& error) {
  return error.code == ErrorCode::kUnsupportedOp || error.code == ErrorCode::kUnsupportedType ||
         error.code == ErrorCode::kDevice;
}

}  // namespace

Result<Session> Session::create(Graph graph, const SessionOptions& options) {
  if (options.backends.empty()) return fail(ErrorCode::kInvalidArgument, "no backend was given");
  SYNSIGHT_TRY(optimize::optimize(graph));
  Session session;
  Error refusal;
  for (const Backend* backend : options.backends) {
    // NOLINTNEXTLINE(bugprone-use-after-move): a backend that refuses a graph leaves it as it was
    auto executable = backend->compile(std::move(graph), options.compile);
    if (executable) {
      session.executable_ = *std::move(executable);
      session.backend_name_ = backend->name();
      return session;
    }
    refusal = std::move(executable).error();
    if (!is_refusal(refusal)) break;
    session.refusals_ += concat({backend->name(), ": ", refusal.message, "\n"});
  }
  return tl::unexpected<Error>(std::move(refusal));
}

Status Session::reshape(std::span<const Shape> input_shapes) {
  const std::vector<Shape> shapes(input_shapes.begin(), input_shapes.end());
  if (is_reshaped_ && shapes == input_shapes_) return {};
  is_reshaped_ = false;
  SYNSIGHT_TRY(executable_->reshape(shapes));
  input_shapes_ = shapes;
  is_reshaped_ = true;
  return {};
}

Status Session::begin(std::span<const TensorView> inputs) {
  std::vector<Shape> shapes;
  for (const TensorView& input : inputs) shapes.push_back(input.shape);
  SYNSIGHT_TRY(reshape(shapes));
  return executable_->begin(inputs);
}

Status Session::begin_pictures(const Shape& shape, std::span<const image::PlannedPicture> pictures,
                               image::TensorLayout layout) {
  SYNSIGHT_TRY(reshape({&shape, 1}));
  return executable_->begin_pictures(pictures, layout);
}

Result<std::vector<Tensor>> Session::finish() {
  std::vector<Tensor> results;
  std::vector<MutableTensorView> views;
  for (const Port& port : outputs()) {
    SYNSIGHT_TRY_ASSIGN(Tensor result, Tensor::allocate(port.dtype, port.shape));
    results.push_back(std::move(result));
    views.push_back(results.back().mutable_view());
  }
  SYNSIGHT_TRY(executable_->finish(views));
  return results;
}

Result<std::vector<Tensor>> Session::run(std::span<const TensorView> inputs,
                                         const RunOptions& options) {
  SYNSIGHT_TRY(begin(inputs));
  SYNSIGHT_TRY(advance(options, {}));
  return finish();
}

}  // namespace synsight
