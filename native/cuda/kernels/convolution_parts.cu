// SPDX-License-Identifier: Apache-2.0
#include "native/cuda/functors/direct_convolution.h"
#include "native/cuda/functors/finish_convolution.h"
#include "native/cuda/functors/pad_input.h"
#include "native/cuda/kernels/convolution_parts.h"
#include "native/cuda/kernels/spatial.h"
#include "native/cuda/launch.h"

namespace synsight::cuda {

namespace {

template <typename T, int kWidth>
Status queue_pad(Queue& queue, const PaddedInput& plan, const void* x, void* padded) {
  PadInput<T, kWidth> functor;
  functor.x = {x, plan.x.info.dtype};
  functor.image = padded_image(plan.x, plan.shape, plan.top, plan.left, kWidth);
  functor.y = static_cast<T*>(padded);
  return launch(queue, functor, static_cast<int64_t>(plan.shape.num_elements()) / kWidth);
}

template <typename T, int kWidth>
Status queue_finish(Queue& queue, const ConvolutionEnd& plan, const EndBuffers& buffers) {
  FinishConvolution<T, kWidth> functor;
  functor.x = static_cast<const T*>(buffers.sums);
  functor.x_channels = plan.channels;
  functor.bias = buffers.bias;
  functor.z = static_cast<const T*>(buffers.z);
  functor.y = static_cast<T*>(buffers.y);
  functor.parts = Divider(plan.output[1] / kWidth);
  functor.clamp = plan.clamp;
  return launch(queue, functor, static_cast<int64_t>(plan.output.num_elements()) / kWidth);
}

template <typename T>
Status queue_direct_of(Queue& queue, const ConvolutionSpec& spec, const Shape& output,
                       const Clamp& clamp, const DirectBuffers& buffers) {
  const int64_t num_channels = spec.weights[1];
  DirectConvolution<T> functor;
  functor.x = static_cast<const T*>(buffers.x);
  functor.weights = static_cast<const T*>(buffers.w);
  functor.bias = buffers.bias;
  functor.z = static_cast<const T*>(buffers.z);
  functor.y = static_cast<T*>(buffers.y);
  functor.input = image_map({{spec.dtype, spec.input}, Layout::kChannelsLast});
  functor.output = image_map({{spec.dtype, output}, Layout::kChannelsLast});
  set_window(spec.params.window, functor.window);
  functor.group_filters = Divider(output[1] / spec.params.group);
  functor.group_channels = num_channels;
  functor.filter_step = spec.weights[2] * spec.weights[3] * num_channels;
  functor.tap_step = num_channels;
  functor.channel_step = 1;
  functor.clamp = clamp;
  return launch(queue, functor, static_cast<int64_t>(output.num_elements()));
}

}  // namespace

Status queue_padded_input(Queue& queue, const PaddedInput& plan, const void* x, void* padded) {
  Status status;
  visit_float_storage(plan.storage, [&](auto type) {
    using T = decltype(type);
    status = plan.shape[1] % kFullWidth<T> == 0
                 ? queue_pad<T, kFullWidth<T>>(queue, plan, x, padded)
                 : queue_pad<T, 1>(queue, plan, x, padded);
  });
  return status;
}

Status queue_end(Queue& queue, const ConvolutionEnd& plan, const EndBuffers& buffers) {
  Status status;
  visit_float_storage(plan.storage, [&](auto type) {
    using T = decltype(type);
    const bool is_wide = plan.output[1] % kFullWidth<T> == 0 && plan.channels % kFullWidth<T> == 0;
    status = is_wide ? queue_finish<T, kFullWidth<T>>(queue, plan, buffers)
                     : queue_finish<T, 1>(queue, plan, buffers);
  });
  return status;
}

Status queue_direct(Queue& queue, const ConvolutionSpec& spec, const Shape& output,
                    const Clamp& clamp, const DirectBuffers& buffers) {
  Status status;
  visit_float_storage(spec.dtype, [&](auto type) {
    status = queue_direct_of<decltype(type)>(queue, spec, output, clamp, buffers);
  });
  return status;
}

}  // namespace synsight::cuda
