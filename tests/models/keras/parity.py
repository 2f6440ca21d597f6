# SPDX-License-Identifier: Apache-2.0
"""Networks of keras.applications, converted, beside Keras's own predict in f32.

    python tests/models/keras/parity.py [NAME...]

prints a table of all of them, or of those that are named, and fails where one differs.
The differences are parts of the logits' range; so is the spread, the least that two of
the photographs' logits differ by. The reference backend gets one photograph.
"""

import contextlib
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
import engines
import keras
import keras_lists
import networks
import numpy as np
import onnx
from converted import difference, to_bytes

from models.keras import applications

PHOTOGRAPHS = ("cat.png", "coffee.png", "photographer.png")
TOLERANCE = 1e-4
# 200 times the tolerance. Less would be a network that hardly tells photographs apart.
_LEAST_SPREAD = 0.02


@dataclass(frozen=True)
class Network:
    """A network of Keras's, what it became, and what Keras predicts of photographs."""

    file: Path
    photographs: list
    pictures: np.ndarray  # what Keras is fed
    wanted: np.ndarray
    scores: np.ndarray  # softmax of that; None of features
    num_parameters: int

    @property
    def tells_apart(self):
        ranked = self.wanted.reshape(-1, self.wanted.shape[-1]).argsort(axis=-1)
        num_fives = len({tuple(ranks[-5:]) for ranks in ranked})
        return spread(self.wanted) > _LEAST_SPREAD and num_fives > 1


@dataclass(frozen=True)
class Result:
    """How an engine's answers differ from Keras's."""

    difference: float  # the worst, as a part of the range
    has_same_five: bool
    has_same_list: bool

    @property
    def is_good(self):
        is_near = self.difference < TOLERANCE
        return is_near and self.has_same_five and self.has_same_list


@contextlib.contextmanager
def converted(name, photographs, **options):
    """The Network of a name of keras.applications, while its file is there."""
    with tempfile.TemporaryDirectory() as folder:
        yield _convert(name, photographs, Path(folder, "model.onnx"), options)


def _convert(name, photographs, file, options):
    model = networks.make_fitted(name, photographs, **options)
    pictures = networks.preprocess(name, networks.load_pictures(photographs, model))
    wanted = model.predict(pictures, verbose=0)
    metadata = applications.feeding(applications.MODES[name], *pictures.shape[1:3])
    scores = None
    if options.get("include_top", True):
        metadata["synsight.classes"] = "imagenet-1k"
        scores = _softmax(wanted) if "classifier_activation" not in options else wanted
    data = to_bytes(model, metadata)
    file.write_bytes(data)
    tensors = onnx.load_from_string(data).graph.initializer
    check_parameters(model, {t.name: math.prod(t.dims) for t in tensors})
    return Network(
        file=file,
        photographs=photographs,
        pictures=pictures,
        wanted=wanted,
        scores=scores,
        num_parameters=model.count_params(),
    )


def _softmax(logits):
    return keras.ops.convert_to_numpy(keras.ops.softmax(logits))


def compare(engine, program, network, count=None):
    """The Result of an engine; it gets the first `count` photographs."""
    answer = engines.ask(engine, program, network, count)
    wanted = network.wanted[:count]
    is_same = network.scores is None or keras_lists.is_same(
        answer.lists, network.scores[:count], TOLERANCE
    )
    return Result(
        difference=difference(answer.output, wanted),
        has_same_five=same_five(answer.output, wanted),
        has_same_list=is_same,
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
    photographs = [ROOT / "build" / "pictures" / name for name in PHOTOGRAPHS]
    missing = {engine: engines.why_missing(engine) for engine in engines.ENGINES}
    present = [engine for engine, why in missing.items() if not why]
    titles = ("network", "parameters", *present, "top 5", "list", "spread", "seconds")
    print(_row(titles), "| --- " * len(titles) + "|", sep="\n", flush=True)
    num_bad = 0
    for name in map(applications.find, names or applications.MODES):
        started = time.monotonic()
        with converted(name, photographs) as network:
            # The reference backend is slow.
            counts = {"reference": 1}
            results = [compare(x, program, network, counts.get(x)) for x in present]
        keras.backend.clear_session()
        seconds = time.monotonic() - started
        is_good = network.tells_apart and all(result.is_good for result in results)
        num_bad += not is_good
        print(_row(_cells(name, network, results, seconds)), flush=True)
    print(
        f"{num_bad} differ by more than {TOLERANCE} of the range or in their lists, "
        "or answer all photographs alike"
    )
    skipped = [f"skipped: {engine}: {why}" for engine, why in missing.items() if why]
    print(f"{len(skipped)} of {len(missing)} engines skipped", *skipped, sep="\n")
    return 1 if num_bad else 0


def _cells(name, network, results, seconds):
    return (
        name,
        f"{network.num_parameters:,}",
        *(f"{result.difference:.1e}" for result in results),
        "same" if all(result.has_same_five for result in results) else "other",
        "same" if all(result.has_same_list for result in results) else "other",
        f"{spread(network.wanted):.2f}",
        f"{seconds:.0f}",
    )


def _row(cells):
    first, second, *others = cells
    return f"| {first:18} | {second:>11} |" + "".join(f" {x:>9} |" for x in others)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
