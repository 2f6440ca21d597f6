# SPDX-License-Identifier: Apache-2.0
"""Networks of keras.applications, converted, beside Keras's own predict in f32.

    python tests/models/keras/parity.py [NAME...]

prints a table of all of them, or of those that are named, and fails where one differs.
The differences are parts of the logits' range; so is the spread, the least that two of
the photographs' logits differ by. The reference backend gets one photograph.
"""

import math
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

import oracle  # noqa: F401

# isort: split
import keras
import networks
import numpy as np
import onnx
from converted import difference, run_synsight, to_bytes

from models.keras import applications

PHOTOGRAPHS = ("cat.png", "coffee.png", "photographer.png")
TOLERANCE = 1e-4
# 200 times the tolerance. Less would be a network that hardly tells photographs apart.
_LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Result:
    """How a network's logits on the photographs differ from Keras's."""

    num_parameters: int
    differences: dict  # by backend: the worst, as a part of the range
    has_same_five: bool
    spread: float  # what the photographs' logits differ by, as a part of the range
    num_best: int  # different classes that come first
    seconds: float

    @property
    def is_good(self):
        is_near = all(worst < TOLERANCE for worst in self.differences.values())
        tells_apart = self.spread > _LEAST_SPREAD and self.num_best > 1
        return is_near and self.has_same_five and tells_apart


def compare(program, name, files, num_for_reference=None, **options):
    """The Result of a network; the reference backend gets the first few photographs."""
    started = time.monotonic()
    model = networks.make_fitted(name, files, **options)
    pictures = networks.preprocess(name, networks.load_pictures(files, model))
    wanted = model.predict(pictures, verbose=0)
    num_parameters = model.count_params()
    data = to_bytes(model)
    tensors = onnx.load_from_string(data).graph.initializer
    check_parameters(model, {t.name: math.prod(t.dims) for t in tensors})
    del tensors
    differences, has_same_five = {}, True
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "model.onnx")
        file.write_bytes(data)
        del data, model
        for backend, count in (("xnnpack", None), ("reference", num_for_reference)):
            inputs = [pictures[:count]]
            (found,) = run_synsight(program, file, inputs, backend, Path(folder))
            differences[backend] = difference(found, wanted[:count])
            has_same_five = has_same_five and same_five(found, wanted[:count])
    return Result(
        num_parameters=num_parameters,
        differences=differences,
        has_same_five=has_same_five,
        spread=spread(wanted),
        num_best=len(set(wanted.argmax(axis=-1).flat)),
        seconds=time.monotonic() - started,
    )


def same_five(found, wanted):
    """Whether the same five come first, but for such as are as good as equal."""
    five = np.take_along_axis(wanted, np.argsort(-found)[..., :5], -1)
    best = -np.sort(-wanted)[..., :5]
    return bool(np.abs(five - best).max() <= TOLERANCE * np.ptp(wanted))


def spread(logits):
    """The least that two rows differ by, of 0 for equal ones, to the range."""
    pairs = [(a, b) for a in range(len(logits)) for b in range(a)]
    return min(np.abs(logits[a] - logits[b]).max() for a, b in pairs) / np.ptp(logits)


def check_parameters(model, sizes):
    """All of a model's weights are constants, {name: elements}, and no others are."""
    sizes = dict(sizes)
    for name, variable in weights_by_name(model):
        # The number of pictures that a Normalization was adapted to is no use there.
        if variable.name != "count":
            assert sizes.pop(name) == math.prod(variable.shape), name
    # What is left are settings: limits, sizes, and what stands for absent weights.
    roles = {name.rpartition(".")[2] for name in sizes}
    assert not roles & {"kernel", "bias", "gamma", "beta", "moving_mean"}, roles


def weights_by_name(model, prefix=""):
    """(what it is called in the file, variable) of each weight."""
    for layer in model.layers:
        name = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model):
            yield from weights_by_name(layer, f"{name}/")
        else:
            for variable in layer.weights:
                yield f"{name}.{variable.name}", variable


def main(names):
    program = os.environ.get(
        "SYNSIGHT", ROOT / "build" / "release" / "bin" / "synsight"
    )
    files = [ROOT / "build" / "pictures" / name for name in PHOTOGRAPHS]
    row = "| {:18} | {:>11} | {:>8} | {:>9} | {:>5} | {:>6} | {:>7} |".format
    titles = ("network", "parameters", "xnnpack", "reference", "top 5")
    titles += ("spread", "seconds")
    print(row(*titles), "| --- " * len(titles) + "|", sep="\n", flush=True)
    num_bad = 0
    for name in map(applications.find, names or applications.MODES):
        result = compare(program, name, files, num_for_reference=1)
        keras.backend.clear_session()
        num_bad += not result.is_good
        worst = [f"{result.differences[key]:.1e}" for key in ("xnnpack", "reference")]
        same = "same" if result.has_same_five else "other"
        others = (same, f"{result.spread:.2f}", f"{result.seconds:.0f}")
        print(row(name, f"{result.num_parameters:,}", *worst, *others), flush=True)
    print(f"{num_bad} differ by more than {TOLERANCE} of the range, or in their five")
    return 1 if num_bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
