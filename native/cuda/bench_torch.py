# SPDX-License-Identifier: Apache-2.0
"""Times one network in PyTorch: bench_torch.py MODE MODULE NAME BATCH WARM_UP RUNS DEVICE.

MODE is eager, or compiled: by torch.compile with CUDA graphs. NAME is one of MODULE's
networks, torchvision or timm. Prints {"median_ms": ...}.
"""

import importlib
import json
import sys
import time
from statistics import median

import torch


def build_network(module, name):
    """The network as its ONNX file, which Keras's is made of."""
    if module == "timm":
        return importlib.import_module("timm").create_model(name)
    models = importlib.import_module("torchvision").models
    model = getattr(models, name)(weights=None)
    if name == "resnet50":
        for stage in (model.layer2, model.layer3, model.layer4):
            stage[0].conv1.stride, stage[0].conv2.stride = (2, 2), (1, 1)
    return model


def time_runs(model, batch, num_warm_up, num_runs):
    """The times in milliseconds, from f32 pictures on the host to f32 scores there."""
    pictures = torch.rand(batch, 3, 224, 224).pin_memory()
    times = []
    with torch.inference_mode():
        for _ in range(num_warm_up + num_runs):
            start = time.perf_counter()
            pixels = pictures.cuda(non_blocking=True).half()
            pixels = pixels.contiguous(memory_format=torch.channels_last)
            model(pixels).float().cpu()
            times.append(1000 * (time.perf_counter() - start))
    return times[num_warm_up:]


def main():
    mode, module, name, *numbers = sys.argv[1:]
    batch, num_warm_up, num_runs, device = map(int, numbers)
    torch.cuda.set_device(device)
    torch.backends.cudnn.benchmark = True
    model = build_network(module, name).eval().half().cuda()
    model = model.to(memory_format=torch.channels_last)
    if mode == "compiled":
        model = torch.compile(model, mode="max-autotune")
    times = time_runs(model, batch, num_warm_up, num_runs)
    print(json.dumps({"median_ms": median(times)}))


if __name__ == "__main__":
    main()
