#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cuda.sh: puts cuDNN, cuBLAS, NVRTC and cuDNN's graph headers into .deps/cuda, 1.5 GB, from PyPI; nvcc must be there.
# cuda.sh --has-nvcc and cuda.sh --ready: whether nvcc is there, and whether all is.
# shellcheck source=tools/common.sh
source "$(dirname "$0")/common.sh"

dir=.deps/cuda
requirements=native/cuda/requirements.txt
stamp=$dir/.made-$(cat tools/cuda.sh $requirements | sha256sum | cut -c1-16)

# As CMake looks for it.
has_nvcc() { PATH="$PATH:${CUDA_PATH:-/usr/local/cuda}/bin" command -v nvcc >/dev/null; }

case ${1:-} in
  --has-nvcc)
    has_nvcc
    exit
    ;;
  --ready)
    has_nvcc && [[ -e $stamp ]]
    exit
    ;;
esac

has_nvcc || fail "there is no nvcc, which compiles for NVIDIA's GPUs" \
  "install NVIDIA's CUDA toolkit 13, and put nvcc on PATH or the toolkit's folder into CUDA_PATH"
[[ ! -e $stamp ]] || exit 0
say "installing cuDNN and cuBLAS: $requirements (1 GB to fetch)"
rm -rf $dir
logged cuda-libraries .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-compile \
  --target $dir -r $requirements || fail "pip could not install $requirements" "check the network, and run make again"
# What is for Python only, and libraries that nobody loads: second builds of NVRTC, and BLAS beside cuBLASLt.
rm -rf $dir/cudnn $dir/nvidia/cu13/lib/{*.alt.*,libnvblas.*,libcublas.*}
touch "$stamp"
