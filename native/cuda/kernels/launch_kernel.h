// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "core/backend/kernel.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "native/cuda/kernels/activation.h"
#include "native/cuda/kernels/operands.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

/// A kernel that launches functors, mostly over values of one floating-point storage type: `setup`
/// binds them, `run` queues them in that order.
class LaunchKernel : public Kernel {
 public:
  /// Both outlive the kernel.
  LaunchKernel(Queue& queue, const Node& node, std::string_view name)
      : queue_(queue), node_(node), name_(name) {}

  std::string_view name() const override { return name_; }

  /// Default: the first input and output are stored as f32, f16 or bf16.
  bool accepts(std::span<const Operand> inputs, std::span<const Operand> outputs) const override {
    return is_float(inputs[0]) && is_float(outputs[0]);
  }

  Status run() override {
    for (const auto& queue_work : work_) SYNSIGHT_TRY(queue_work());
    return {};
  }

 protected:
  Queue& queue() const { return queue_; }
  const Node& node() const { return node_; }
  Clamp clamp() const { return clamp_of(node_); }

  /// To be called first of all in `setup`.
  void unbind() { work_.clear(); }

  template <typename Functor>
  void bind(const Functor& functor, int64_t count) {
    work_.push_back([this, functor, count] { return launch(queue_, functor, count); });
  }
  template <typename Functor>
  void bind_rows(const Functor& functor, int64_t num_rows) {
    work_.push_back([this, functor, num_rows] { return launch_rows(queue_, functor, num_rows); });
  }
  /// Behind functors that take no activation.
  void bind_activation(const Operand& output, void* y) {
    work_.push_back([this, output, y] { return queue_activation(queue_, clamp(), output, y); });
  }

 private:
  Queue& queue_;
  const Node& node_;
  std::string_view name_;
  std::vector<std::function<Status()>> work_;
};

}  // namespace synsight::cuda
