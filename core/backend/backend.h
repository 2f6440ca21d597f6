// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/cancellation.h"
#include "core/base/result.h"
#include "core/graph/graph.h"
#include "core/image/preprocess.h"
#include "core/image/preprocess_plan.h"
#include "core/tensor/tensor.h"

namespace synsight {

/// How a device stores floating-point values and multiplies them; sums are always of f32.
enum class Precision : uint8_t {
  kFloat32,
  kTf32,  // f32 in memory, products of 10 bits
  kFloat16,
  kBFloat16,
};

/// How a graph is compiled. A backend that has no such choice does not look at it.
struct CompileOptions {
  int num_threads = 1;  // a build without threads (kHasThreads) computes with one
  Precision precision = Precision::kFloat32;
  int device = 0;          // which of several GPUs
  bool is_tuned = false;   // times the candidates for each kernel instead of trusting heuristics
  std::string plan_cache;  // a file that keeps what was found; empty: none
};

/// Called after each node of a run, on the running thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;

  /// `elapsed_ms`: the node's own time, with whatever layout conversion it needed; 0 where the node
  /// told of before did its work.
  virtual void after_node(const Node& node, double elapsed_ms) = 0;
  /// Whether `output` shall be called for this node; it costs a copy.
  virtual bool wants_outputs(const Node& node) = 0;
  /// One output of the node, in ONNX's order of dimensions; valid during the call.
  virtual void output(const Node& node, const Value& value, const TensorView& elements) = 0;
};

/// What may stop or watch a run.
struct RunOptions {
  const CancelFlag* cancel = nullptr;
  Deadline deadline;
  RunObserver* observer = nullptr;
};

/// A graph's input or output as a caller sees it.
struct Port {
  std::string name;
  DType dtype = DType::kUndefined;
  Shape shape;  // of the last reshape; before it as declared, with -1 for unknown dimensions
};

/// How a node runs, for people: `bench --profile` and `synsight ops` print it.
struct NodePlan {
  const Node* node = nullptr;
  std::string kernel;    // `xnn convolution`, `borrowed`, `shape arithmetic`, `in NODE`, ...
  double num_flops = 0;  // multiplications and additions of one run, 0 where they do not count
  std::vector<Shape> output_shapes;
};

/// A compiled graph. Not for two threads at once.
class Executable {
 public:
  virtual ~Executable() = default;

  virtual std::span<const Port> inputs() const = 0;
  virtual std::span<const Port> outputs() const = 0;

  /// Infers every shape and plans the memory of a run; called once before `run` and again when an
  /// input's shape changes. On an error the executable must be reshaped again before it runs.
  /// Errors: kShapeMismatch, kOutOfMemory and what operators answer.
  virtual Status reshape(std::span<const Shape> input_shapes) = 0;

  /// How many runs may be under way at once: on a device, one is fed while another computes.
  virtual size_t max_runs() const { return 1; }

  /// Starts a run by taking its inputs: those of `inputs()`, in order, with their dtypes and
  /// shapes. Where max_runs() are under way, the oldest is given up. Errors: kInvalidArgument,
  /// kShapeMismatch.
  virtual Status begin(std::span<const TensorView> inputs) = 0;

  /// Whether it preprocesses pictures itself, for `begin_pictures`, after a reshape.
  virtual bool takes_pictures() const { return false; }

  /// `begin` for an executable that takes pictures: up to N of them make its one input, f32
  /// [N,3,H,W] or [N,H,W,3]; what they leave is zero. They are not needed after it returns. Errors:
  /// kShapeMismatch where a plan makes another size, kOutOfMemory, kDevice.
  virtual Status begin_pictures(std::span<const image::PlannedPicture> pictures,
                                image::TensorLayout layout);

  /// Goes on with the run that was begun last, and leaves off at the first node that ends after
  /// `pause`, where there is one; true when all nodes have run, or are a device's to run. After an
  /// error the run is over. Errors: kInvalidArgument where none was begun, kCancelled,
  /// kDeadlineExceeded, kDevice.
  virtual Result<bool> advance(const RunOptions& options, const Deadline& pause) = 0;

  /// Ends the oldest run, whose nodes must have run: writes `outputs`, those of `outputs()`, in
  /// order, with their dtypes and shapes. Errors: kInvalidArgument, kShapeMismatch, kDevice.
  virtual Status finish(std::span<const MutableTensorView> outputs) = 0;

  /// All three at once, without a pause; no other run may be under way.
  Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
             const RunOptions& options);

  /// The nodes in the order in which they run, after `reshape`.
  virtual std::vector<NodePlan> plan() const = 0;

  /// The compiled graph; initializers that were packed are released.
  virtual const Graph& graph() const = 0;

  /// Bytes of the arena that holds the values of a run, after `reshape`.
  virtual size_t arena_bytes() const = 0;
};

/// Turns graphs into executables.
class Backend {
 public:
  virtual ~Backend() = default;

  /// `reference`, `xnnpack`, ...
  virtual std::string_view name() const = 0;

  /// Whether it computes on a device, so that CompileOptions' choices of one matter.
  virtual bool uses_device() const { return false; }
  /// How many devices CompileOptions::device may choose from. Errors: kDevice.
  virtual Result<size_t> num_devices() const { return 0; }

  /// One of them in a line for people who read a report: its name, and the versions of its driver
  /// and libraries. Errors: kDevice.
  virtual Result<std::string> describe_device(int /*index*/) const { return std::string(); }

  /// How an operator of the table runs here: the kernel's name, or `borrowed`; empty where it does
  /// not.
  virtual std::string_view kernel_name(std::string_view op_type) const = 0;

  /// Packs weights, once. `graph` must be valid, optimized or not; it is consumed, except where the
  /// backend refuses it with kUnsupportedOp (naming the node), kUnsupportedType or kDevice: then it
  /// is left as it was, for the caller to try another backend. Other errors: kOutOfMemory.
  virtual Result<std::unique_ptr<Executable>> compile(Graph&& graph,
                                                      const CompileOptions& options) const = 0;
};

}  // namespace synsight
