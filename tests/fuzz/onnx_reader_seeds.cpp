// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>

#include "tests/core/onnx/model_writer.h"

// Writes the sample models into the folder FOLDER, for the fuzzer to start from.

int main(int num_arguments, char** arguments) {
  if (num_arguments != 2) {
    std::fprintf(stderr, "usage: onnx_reader_seeds FOLDER\n");
    return 2;
  }
  int number = 0;
  for (const std::string& bytes : synsight::test::sample_models()) {
    const std::string path = std::string(arguments[1]) + "/" + std::to_string(++number) + ".onnx";
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return 1;
    const bool is_written = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if (std::fclose(file) != 0 || !is_written) return 1;
  }
  return 0;
}
