# SPDX-License-Identifier: Apache-2.0
# synsight_options: what every one of our own targets is compiled with.
# synsight_core_options: the same without exceptions and run-time types, for core/ and its tests.
# synsight_fuzzer: for the libFuzzer targets.

add_library(synsight_options INTERFACE)
target_include_directories(synsight_options INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wcast-qual -Wimplicit-fallthrough
  -Wno-sign-conversion)  # ONNX dimensions are int64_t, sizes are size_t; g++ leaves it out of -Wconversion, too
set(cxx_warnings -Wextra-semi -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual)
if(SYNSIGHT_WERROR)
  list(APPEND warnings -Werror)
endif()
# For our own build only: who uses the installed library has warnings of their own.
target_compile_options(synsight_options INTERFACE
  "$<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:C,CXX>:${warnings}>;$<$<COMPILE_LANGUAGE:CXX>:${cxx_warnings}>>")
if(SYNSIGHT_SANITIZE)
  target_compile_definitions(synsight_options INTERFACE _GLIBCXX_ASSERTIONS)
  # UBSan's check of virtual calls needs run-time types, which the core's objects do not carry.
  target_compile_options(synsight_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(synsight_options INTERFACE -fsanitize=address,undefined)
endif()
if(SYNSIGHT_FUZZ)
  target_compile_options(synsight_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

add_library(synsight_core_options INTERFACE)
target_link_libraries(synsight_core_options INTERFACE synsight_options)
target_compile_options(synsight_core_options INTERFACE
  "$<BUILD_INTERFACE:$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions;-fno-rtti>>")

add_library(synsight_fuzzer INTERFACE)
target_link_options(synsight_fuzzer INTERFACE -fsanitize=fuzzer)
