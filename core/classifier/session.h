// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/backend/backend.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/tensor/shape.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// How a session is made.
struct SessionOptions {
  /// Tried in order; one that answers kUnsupportedOp, kUnsupportedType or kDevice hands over to the
  /// next.
  /// Must outlive `create`.
  std::vector<const Backend*> backends;
  CompileOptions compile;
};

/// A compiled model that runs tensors. Not for two threads at once.
class Session {
 public:
  /// Optimizes and compiles `graph`. Errors: what the last backend answered.
  static Result<Session> create(Graph graph, const SessionOptions& options);

  std::span<const Port> inputs() const { return executable_->inputs(); }
  std::span<const Port> outputs() const { return executable_->outputs(); }

  /// Prepares for inputs of these shapes; `run` does it by itself when they change.
  Status reshape(std::span<const Shape> input_shapes);

  /// Starts a run on inputs of any shapes that the network allows, reshaping when they change. A
  /// run that is under way is given up.
  Status begin(std::span<const TensorView> inputs);
  /// The same for pictures, which make an input of this shape, where the executable takes them.
  Status begin_pictures(const Shape& shape, std::span<const image::PlannedPicture> pictures,
                        image::TensorLayout layout);
  /// Goes on with it, as Executable::advance; true at its end.
  Result<bool> advance(const RunOptions& options, const Deadline& pause) {
    return executable_->advance(options, pause);
  }
  /// The outputs of a run that came to its end, in order.
  Result<std::vector<Tensor>> finish();

  /// All three at once, without a pause; no other run may be under way.
  Result<std::vector<Tensor>> run(std::span<const TensorView> inputs,
                                  const RunOptions& options = {});

  Executable& executable() { return *executable_; }
  const Executable& executable() const { return *executable_; }
  /// The name of the backend that runs.
  const std::string& backend_name() const { return backend_name_; }
  /// What the backends before it answered, a line each; empty where the first one runs.
  const std::string& refusals() const { return refusals_; }

 private:
  std::unique_ptr<Executable> executable_;
  std::string backend_name_;
  std::string refusals_;
  std::vector<Shape> input_shapes_;  // of the last reshape
  bool is_reshaped_ = false;
};

}  // namespace synsight
