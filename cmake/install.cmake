# SPDX-License-Identifier: Apache-2.0
# `cmake --install` gives a package that works from wherever it is put: find_package(synsight CONFIG) and
# synsight::synsight, with `#include "core/..."` as in this tree. Programs install themselves where they are defined.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/synsight)
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/synsight)

# The C API, the C++ API, and what these include.
target_sources(synsight PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES
  core/backend/backend.h
  core/backend/reference/reference_backend.h
  core/backend/xnnpack/xnnpack_backend.h
  core/base/aligned_buffer.h
  core/base/cancellation.h
  core/base/error.h
  core/base/result.h
  core/capi/synsight.h
  core/classifier/classifier.h
  core/classifier/input_guess.h
  core/classifier/model_file.h
  core/classifier/picture_input.h
  core/classifier/session.h
  core/graph/attribute.h
  core/graph/graph.h
  core/image/decode.h
  core/image/image.h
  core/image/input_spec.h
  core/image/preprocess.h
  core/image/preprocess_plan.h
  core/image/resample_weights.h
  core/image/resize.h
  core/image/resize_plan.h
  core/labels/class_table.h
  core/labels/top_k.h
  core/onnx/reader.h
  core/tensor/convert.h
  core/tensor/dtype.h
  core/tensor/shape.h
  core/tensor/tensor.h)

install(TARGETS synsight synsight_options synsight_core_options third_party_expected third_party_stb
  EXPORT synsight FILE_SET HEADERS DESTINATION ${headers})
# Not where linkers look by themselves: these hold only what Synsight needs.
install(TARGETS XNNPACK pthreadpool EXPORT synsight ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/synsight)
install(FILES ${PROJECT_BINARY_DIR}/third_party/expected/include/tl/expected.hpp DESTINATION ${headers}/tl)

install(EXPORT synsight NAMESPACE synsight:: FILE synsight-targets.cmake DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/synsight-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/synsight-config.cmake ${PROJECT_BINARY_DIR}/synsight-config-version.cmake
  DESTINATION ${package})

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/models/catalog.json DESTINATION ${CMAKE_INSTALL_DATADIR}/synsight)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/build/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/synsight/models OPTIONAL
  FILES_MATCHING PATTERN *.onnx)
