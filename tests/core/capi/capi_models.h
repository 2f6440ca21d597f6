// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/capi/synsight.h"

namespace synsight::test {

/// The text of a message, which is given back; `none` for null.
std::string take(char* message);

/// A model's handle, read from its bytes in one piece.
synsight_model* read_model(std::string_view bytes);

/// A classifier of 4x4 pictures: its scores for n01 `red`, n02 `green`, n03 `blue` are the means of
/// the pictures' channels, as numbers of [0, 1].
std::string color_model();

/// y = a * x, of f32 [N, 2], on tensors that are no pictures.
std::string product_model();

/// y = Identity(x) of a TensorProto.DataType, [N].
std::string identity_model(uint64_t data_type);

/// y = x + w, of f32 [2]; w stands in `weights.bin`.
std::string external_model();

/// A 24-bit BMP file of one color.
std::string bmp(int width, int height, uint8_t red, uint8_t green, uint8_t blue);

}  // namespace synsight::test
