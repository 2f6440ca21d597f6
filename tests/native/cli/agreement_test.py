# SPDX-License-Identifier: Apache-2.0
"""`synsight run` beside ONNX Runtime on the same input: within 1e-4 of the range.

The networks of the onnx package end in a Softmax (but DenseNet). Compared are its output
and what goes into it: as the package has them, with all weights the same number, and with
random weights, where the scores of different classes and pictures differ clearly.
"""

import light_networks
import numpy as np
import onnx
import onnxruntime
import pytest

TOLERANCE = 1e-4
BACKENDS = ["xnnpack", "reference"]
# Plain loops, with sanitizers: minutes a network. The other build runs them all.
FAST_ENOUGH_WITH_SANITIZERS = {"light_squeezenet", "light_shufflenet"}


def run_onnxruntime(path, array):
    """{output: array}."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    feed = {session.get_inputs()[0].name: array}
    return dict(zip(names, session.run(names, feed), strict=True))


def run_synsight(synsight, path, array, backend, folder):
    np.save(folder / "input.npy", array)
    outputs = folder / backend
    synsight.ok(
        *("run", path, folder / "input.npy", "-o", f"{outputs}/"),
        *("--backend", backend),
    )
    return {file.stem: np.load(file) for file in outputs.iterdir()}


def range_of(array):
    """What differences are measured against; the magnitude, where all is the same."""
    largest, smallest = float(array.max()), float(array.min())
    # A few units in the last place are no range.
    if largest - smallest > 1e-5 * abs(largest):
        return largest - smallest
    return abs(largest)


def check(expected, actual):
    assert actual.keys() == {name.replace("/", "_") for name in expected}
    for name, wanted in expected.items():
        got = actual[name.replace("/", "_")]
        assert got.shape == wanted.shape and np.isfinite(got).all()
        worst = np.unravel_index(np.argmax(np.abs(got - wanted)), got.shape)
        difference = abs(float(got[worst]) - float(wanted[worst])) / range_of(wanted)
        assert difference <= TOLERANCE, (
            f"{name}{list(worst)}: {got[worst]}, ONNX Runtime {wanted[worst]}, "
            f"{difference:.1e} of the range"
        )


@pytest.fixture(scope="module", params=["as they are", "random weights"])
def weights(request):
    return request.param


@pytest.fixture(scope="module", params=light_networks.NAMES)
def light(request, weights, tmp_path_factory, is_sanitized):
    """(file, input, ONNX Runtime's outputs) of a network; its file goes away after."""
    if is_sanitized and request.param not in FAST_ENOUGH_WITH_SANITIZERS:
        pytest.skip("takes minutes with sanitizers; the release build runs it")
    network = light_networks.load(request.param)
    if weights == "random weights":
        light_networks.randomize(network)
    path = tmp_path_factory.mktemp("light") / f"{request.param}.onnx"
    onnx.save(network, path)
    _, shape = light_networks.picture_input(network)
    picture, other = light_networks.pictures(shape, 2)
    expected = run_onnxruntime(path, picture)
    if weights == "random weights":
        *_, logits = expected.values()
        *_, others = run_onnxruntime(path, other).values()
        assert np.abs(logits - others).max() > 0.01 * np.ptp(logits) > 0
    yield path, picture, expected
    path.unlink()


def test_there_are_nine_light_networks():
    assert len(light_networks.NAMES) == 9


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_light_network(synsight, light, backend, tmp_path):
    path, array, expected = light
    check(expected, run_synsight(synsight, path, array, backend, tmp_path))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("lite, side", [(0, 224), (1, 240), (2, 260)])
def test_efficientnet_lite(
    synsight, real_model, backend, lite, side, tmp_path, is_sanitized
):
    if is_sanitized and (backend == "reference" or lite > 0):
        pytest.skip("takes minutes with sanitizers; the release build runs it")
    path = real_model(f"efficientnet-lite{lite}")
    array = np.random.default_rng(lite).normal(size=(2, 3, side, side))
    array = array.astype(np.float32)
    expected = run_onnxruntime(path, array)
    check(expected, run_synsight(synsight, path, array, backend, tmp_path))
