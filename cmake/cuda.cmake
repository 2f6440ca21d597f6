# SPDX-License-Identifier: Apache-2.0
# The language CUDA, and NVIDIA's libraries as targets third_party::NAME, from where tools/cuda.sh put them.
find_package(CUDAToolkit 13.0 REQUIRED)
if(NOT CMAKE_CUDA_COMPILER)
  set(CMAKE_CUDA_COMPILER ${CUDAToolkit_NVCC_EXECUTABLE})
endif()
if(NOT CMAKE_CUDA_COMPILER_LAUNCHER)
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 knows no C++20 of nvcc
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

# What .cu files are compiled with beside synsight_options' include folder. nvcc writes code for the host that -Wpedantic,
# -Wold-style-cast and the like complain of.
add_library(synsight_cuda_options INTERFACE)
set(cuda_warnings -Wall -Wextra -Wshadow -Wno-sign-conversion)
set(cuda_errors)
if(SYNSIGHT_WERROR)
  list(APPEND cuda_warnings -Werror)
  set(cuda_errors --Werror=all-warnings)
endif()
list(JOIN cuda_warnings "," cuda_warnings)
target_compile_options(synsight_cuda_options INTERFACE
  "$<$<COMPILE_LANGUAGE:CUDA>:${cuda_errors};-Xcompiler=${cuda_warnings},-fno-exceptions,-fno-rtti>")

set(SYNSIGHT_CUDA_LIBRARIES ${PROJECT_SOURCE_DIR}/.deps/cuda CACHE PATH
  "where pip --target put nvidia-cudnn-cu13, nvidia-cublas, nvidia-cuda-nvrtc and nvidia-cudnn-frontend")

# cuda_library(NAME FILE INCLUDE LIBRARY): FILE is the header that must be there; the library is loaded from where it lies.
function(cuda_library name file include library)
  set(include ${SYNSIGHT_CUDA_LIBRARIES}/${include})
  set(library ${SYNSIGHT_CUDA_LIBRARIES}/${library})
  foreach(needed ${include}/${file} ${library})
    if(NOT EXISTS ${needed})
      message(FATAL_ERROR "there is no ${needed}: run tools/setup.sh cuda")
    endif()
  endforeach()
  get_filename_component(soname ${library} NAME)
  add_library(third_party_${name} SHARED IMPORTED GLOBAL)
  add_library(third_party::${name} ALIAS third_party_${name})
  set_target_properties(third_party_${name} PROPERTIES IMPORTED_LOCATION ${library} IMPORTED_SONAME ${soname})
  # An imported target's folders are the system's.
  target_include_directories(third_party_${name} INTERFACE ${include})
  target_link_libraries(third_party_${name} INTERFACE CUDA::cudart_static)
endfunction()

# cuDNN is a small library that loads its parts, NVRTC and cuBLASLt when they are needed, from beside it.
cuda_library(cudnn cudnn_graph.h nvidia/cudnn/include nvidia/cudnn/lib/libcudnn.so.9)
cuda_library(cublaslt cublasLt.h nvidia/cu13/include nvidia/cu13/lib/libcublasLt.so.13)
cuda_library(nvrtc nvrtc.h nvidia/cu13/include nvidia/cu13/lib/libnvrtc.so.13)

add_library(third_party_cudnn_frontend INTERFACE)
add_library(third_party::cudnn_frontend ALIAS third_party_cudnn_frontend)
target_include_directories(third_party_cudnn_frontend SYSTEM INTERFACE ${SYNSIGHT_CUDA_LIBRARIES}/include)
# Three times as fast to compile as with its JSON.
target_compile_definitions(third_party_cudnn_frontend INTERFACE CUDNN_FRONTEND_SKIP_JSON_LIB)
target_link_libraries(third_party_cudnn_frontend INTERFACE third_party::cudnn third_party::nvrtc)
