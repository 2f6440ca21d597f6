# SPDX-License-Identifier: Apache-2.0
# `cmake --install` gives a package that works from wherever it is put: find_package(synsight) and synsight::synsight,
# with `#include "core/..."`. Programs install themselves where they are defined.
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/synsight)
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/synsight)

install(TARGETS synsight XNNPACK pthreadpool synsight_options synsight_core_options third_party_expected third_party_stb
  EXPORT synsight INCLUDES DESTINATION ${headers})
install(EXPORT synsight NAMESPACE synsight:: FILE synsight-targets.cmake DESTINATION ${package})
file(WRITE ${PROJECT_BINARY_DIR}/synsight-config.cmake
  "include(CMakeFindDependencyMacro)\n"
  "find_dependency(Threads)\n"
  "include(\${CMAKE_CURRENT_LIST_DIR}/synsight-targets.cmake)\n")
write_basic_package_version_file(${PROJECT_BINARY_DIR}/synsight-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/synsight-config.cmake ${PROJECT_BINARY_DIR}/synsight-config-version.cmake
  DESTINATION ${package})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/core DESTINATION ${headers} FILES_MATCHING PATTERN *.h)
install(DIRECTORY ${PROJECT_BINARY_DIR}/third_party/expected/include/tl/ DESTINATION ${headers}/tl)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/models/catalog.json DESTINATION ${CMAKE_INSTALL_DATADIR}/synsight)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/build/models/ DESTINATION ${CMAKE_INSTALL_DATADIR}/synsight/models OPTIONAL
  FILES_MATCHING PATTERN *.onnx)
