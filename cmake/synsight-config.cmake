# SPDX-License-Identifier: Apache-2.0
# find_package(synsight CONFIG) gives synsight::synsight.
if(NOT CMAKE_CXX_COMPILER_LOADED)
  set(synsight_FOUND FALSE)
  set(synsight_NOT_FOUND_MESSAGE "synsight is written in C++: the project needs LANGUAGES C CXX, for C programs, too")
  return()
endif()
include(CMakeFindDependencyMacro)
find_dependency(Threads)
include(${CMAKE_CURRENT_LIST_DIR}/synsight-targets.cmake)
