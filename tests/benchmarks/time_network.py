# SPDX-License-Identifier: Apache-2.0
"""Times a network in another engine, on random input.

    python tests/benchmarks/time_network.py onnxruntime|openvino FILE --threads N

Prints the part of what `synsight bench --format json` prints that is compared with it.
"""

import argparse
import json
import statistics
import time

import numpy as np


def random_input(shape):
    """f32 in [-1, 1); a batch that is left open is one picture."""
    shape = [n if isinstance(n, int) else 1 for n in shape]
    random = np.random.default_rng(0)
    return random.uniform(-1, 1, shape).astype(np.float32)


def onnxruntime_run(path, num_threads):
    """A function that runs the network once in ONNX Runtime, as it comes."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    # One picture, known in advance, as in the other engines.
    options.add_free_dimension_override_by_name("N", 1)
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(path, options, providers=providers)
    (port,) = session.get_inputs()
    feed = {port.name: random_input(port.shape)}
    return lambda: session.run(None, feed)


def openvino_run(path, num_threads):
    """A function that runs the network once in OpenVINO, in f32, for latency."""
    import openvino

    core = openvino.Core()
    model = core.read_model(path)
    shape = [n.get_length() if n.is_static else 1 for n in model.input().partial_shape]
    model.reshape(shape)
    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY",
        "NUM_STREAMS": 1,
        "INFERENCE_NUM_THREADS": num_threads,
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    request.set_input_tensor(openvino.Tensor(random_input(shape)))
    return request.infer


ENGINES = {"onnxruntime": onnxruntime_run, "openvino": openvino_run}


def time_runs(run, num_runs):
    """The milliseconds of each of `num_runs` calls."""
    times = []
    for _ in range(num_runs):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("engine", choices=ENGINES)
    parser.add_argument("model", metavar="FILE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--warm-up", type=int, default=3)
    arguments = parser.parse_args()
    run = ENGINES[arguments.engine](arguments.model, arguments.threads)
    time_runs(run, arguments.warm_up)
    times = time_runs(run, arguments.runs)
    print(json.dumps({"median_ms": statistics.median(times), "minimum_ms": min(times)}))


if __name__ == "__main__":
    main()
