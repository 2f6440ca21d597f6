// SPDX-License-Identifier: Apache-2.0
// cuDNN and cuBLASLt as loops on the CPU, for tests of the kernels that call them. They spoil their
// workspace, and what was described but not prepared, or went before its work, ends the test.
#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "core/base/text.h"
#include "native/cuda/convolution_graph.h"
#include "native/cuda/dense.h"
#include "native/cuda/element.h"
#include "native/cuda/library_handles.h"
#include "tests/native/cuda/standin/standin.h"

namespace synsight::cuda {

namespace {

constexpr size_t kWorkspaceBytes = 1000;

void spoil(void* workspace) {
  if (reinterpret_cast<uintptr_t>(workspace) % 256 != 0) std::abort();
  std::memset(workspace, 0xee, kWorkspaceBytes);
}

float activate(const ConvolutionSpec& spec, float value) {
  if (spec.activation == ConvActivation::kNone) return value;
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  const bool is_relu = spec.activation == ConvActivation::kRelu;
  return std::clamp(value, is_relu ? 0 : spec.clamp_min, is_relu ? kInfinite : spec.clamp_max);
}

/// One element of Conv(X, W) + B at [n][row][column][m].
float convolve(const ConvolutionSpec& spec, const ConvolutionBuffers& buffers, int64_t n,
               int64_t row, int64_t column, int64_t m) {
  const Shape& w = spec.weights;
  const Shape& x = spec.input;
  const ops::Window& window = spec.params.window;
  const int64_t first = m / (w[0] / spec.params.group) * w[1];
  float sum = 0;
  for (int64_t i = 0; i < w[2]; ++i) {
    for (int64_t j = 0; j < w[3]; ++j) {
      const int64_t y_at = row * window[0].stride - window[0].pad_begin + i * window[0].dilation;
      const int64_t x_at = column * window[1].stride - window[1].pad_begin + j * window[1].dilation;
      if (y_at < 0 || y_at >= x[2] || x_at < 0 || x_at >= x[3]) continue;
      for (int64_t c = 0; c < w[1]; ++c) {
        const int64_t from = ((n * x[2] + y_at) * x[3] + x_at) * x[1] + first + c;
        sum += load(buffers.x, spec.dtype, from) *
               load(buffers.w, spec.dtype, ((m * w[2] + i) * w[3] + j) * w[1] + c);
      }
    }
  }
  if (spec.has_bias) sum += load(buffers.b, spec.dtype, m);
  return sum;
}

}  // namespace

StandinLibraries& standin_libraries() {
  static StandinLibraries the_libraries;
  return the_libraries;
}

Status check_cuda(cudaError_t /*error*/, const char* /*call*/) { return {}; }
Status check_cuda(cudnnStatus_t /*status*/, const char* /*call*/) { return {}; }
Status check_cuda(cublasStatus_t /*status*/, const char* /*call*/) { return {}; }
Result<CudnnHandle> create_cudnn() { return CudnnHandle(); }
Result<CublasLtHandle> create_cublaslt() { return CublasLtHandle(); }
Result<Architecture> current_architecture() { return Architecture{90, 132}; }

struct ConvolutionGraph::Impl {
  ConvolutionSpec spec;
  Shape output;
  bool is_prepared = false;
  std::shared_ptr<const int> life = std::make_shared<const int>();
};

ConvolutionGraph::ConvolutionGraph(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ConvolutionGraph::ConvolutionGraph(ConvolutionGraph&&) noexcept = default;
ConvolutionGraph& ConvolutionGraph::operator=(ConvolutionGraph&&) noexcept = default;
ConvolutionGraph::~ConvolutionGraph() = default;

Result<ConvolutionGraph> ConvolutionGraph::describe(const ConvolutionSpec& spec) {
  SYNSIGHT_TRY_ASSIGN(const Shape output, output_shape_of(spec));
  return ConvolutionGraph(std::make_unique<Impl>(Impl{spec, output}));
}
const Shape& ConvolutionGraph::output_shape() const { return impl_->output; }

Status ConvolutionGraph::prepare(cudnnHandle_t /*handle*/, const PrepareOptions& /*options*/) {
  const ConvolutionSpec& spec = impl_->spec;
  const bool is_bare =
      !spec.has_bias && !spec.has_residual && spec.activation == ConvActivation::kNone;
  const StandinLibraries& libraries = standin_libraries();
  if (is_bare ? !libraries.has_bare : !libraries.has_fused) {
    return fail(ErrorCode::kUnsupportedOp, "the stand-in has no such convolution");
  }
  ++standin_libraries().num_prepared;
  impl_->is_prepared = true;
  return {};
}

Status ConvolutionGraph::tune(cudnnHandle_t handle, cudaStream_t stream,
                              const ConvolutionBuffers& buffers) {
  return execute(handle, stream, buffers);
}
size_t ConvolutionGraph::workspace_bytes() const { return kWorkspaceBytes; }
std::string ConvolutionGraph::plan_name() const { return "loops"; }

Status ConvolutionGraph::execute(cudnnHandle_t /*handle*/, cudaStream_t stream,
                                 const ConvolutionBuffers& buffers) const {
  if (!impl_->is_prepared) std::abort();
  const std::weak_ptr<const int> life = impl_->life;
  add_standin_work(stream, [life, spec = impl_->spec, output = impl_->output, buffers] {
    if (life.expired()) std::abort();
    int64_t at = 0;
    for (int64_t n = 0; n < output[0]; ++n) {
      for (int64_t row = 0; row < output[2]; ++row) {
        for (int64_t column = 0; column < output[3]; ++column) {
          for (int64_t m = 0; m < output[1]; ++m) {
            float sum = convolve(spec, buffers, n, row, column, m);
            if (spec.has_residual) sum += load(buffers.z, spec.dtype, at);
            store(buffers.y, result_dtype(spec), at++, activate(spec, sum));
          }
        }
      }
    }
    spoil(buffers.workspace);
  });
  return {};
}

Result<std::vector<std::byte>> ConvolutionGraph::save_plan() const {
  return std::vector<std::byte>{std::byte{42}};
}

Status ConvolutionGraph::load_plan(cudnnHandle_t /*handle*/, std::span<const std::byte> bytes) {
  if (bytes.size() != 1 || bytes[0] != std::byte{42}) return fail(ErrorCode::kDevice, "no plan");
  impl_->is_prepared = true;
  return {};
}

std::string to_string(const DenseSpec& spec) { return concat({spec.m, " ", spec.k, " ", spec.n}); }

struct Dense::Impl {
  DenseSpec spec;
  bool is_prepared = false;
};

Dense::Dense(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Dense::Dense(Dense&&) noexcept = default;
Dense& Dense::operator=(Dense&&) noexcept = default;
Dense::~Dense() = default;

Result<Dense> Dense::describe(const DenseSpec& spec) {
  return Dense(std::make_unique<Impl>(Impl{spec}));
}

Status Dense::prepare(cublasLtHandle_t /*handle*/, size_t /*max_workspace_bytes*/) {
  if (!standin_libraries().has_products) {
    return fail(ErrorCode::kUnsupportedOp, "the stand-in has no products");
  }
  impl_->is_prepared = true;
  return {};
}
size_t Dense::workspace_bytes() const { return kWorkspaceBytes; }

Status Dense::execute(cublasLtHandle_t /*handle*/, cudaStream_t stream,
                      const DenseBuffers& buffers) {
  if (!impl_->is_prepared) std::abort();
  add_standin_work(stream, [spec = impl_->spec, buffers] {
    for (int64_t i = 0; i < spec.batch * spec.m * spec.n; ++i) {
      const int64_t batch = i / (spec.m * spec.n);
      const int64_t row = i / spec.n % spec.m;
      const int64_t column = i % spec.n;
      float sum = 0;
      for (int64_t k = 0; k < spec.k; ++k) {
        const int64_t a = spec.transpose_a ? k * spec.m + row : row * spec.k + k;
        const int64_t b = spec.transpose_b ? column * spec.k + k : k * spec.n + column;
        sum += load(buffers.a, spec.factors, batch * spec.a_step + a) *
               load(buffers.b, spec.factors, batch * spec.b_step + b);
      }
      const int64_t at = batch * spec.d_step + row * spec.n + column;
      sum *= spec.alpha;
      if (spec.beta != 0) sum += spec.beta * load(buffers.c, spec.result, at);
      if (spec.has_bias) sum += load(buffers.bias, spec.result, column);
      store(buffers.d, spec.result, at, spec.has_relu ? std::max(sum, 0.0f) : sum);
    }
    spoil(buffers.workspace);
  });
  return {};
}

}  // namespace synsight::cuda

// What the libraries' own headers declare and libraries.cpp calls.
extern "C" {
size_t cudnnGetVersion() { return 91300; }
size_t cublasLtGetVersion() { return 130002; }
cudnnStatus_t cudnnSetStream(cudnnHandle_t /*handle*/, cudaStream_t /*stream*/) {
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t /*handle*/) { return CUDNN_STATUS_SUCCESS; }
cublasStatus_t cublasLtDestroy(cublasLtHandle_t /*handle*/) { return CUBLAS_STATUS_SUCCESS; }
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int /*device*/) {
  *properties = {};
  return cudaSuccess;
}
}
