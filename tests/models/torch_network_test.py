# SPDX-License-Identifier: Apache-2.0
"""Tests of models/torch_network.py; most need PyTorch, which is not installed for it."""

import sys

import numpy as np
import onnx
import pytest

from models.errors import ModelsError
from models.torch_network import from_torch

NETWORK = """\
import torch

def small():
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, stride=2, padding=1),
        torch.nn.BatchNorm2d(8),
        torch.nn.ReLU(),
        torch.nn.AdaptiveAvgPool2d(1),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 10),
    )

def number():
    return 3

def broken():
    raise ValueError("out of order\\nand more of it")
"""


@pytest.fixture
def torch(tmp_path, monkeypatch):
    """PyTorch, and the module `networks` where the program is run."""
    pytest.importorskip("onnxscript")
    (tmp_path / "networks.py").write_text(NETWORK)
    monkeypatch.chdir(tmp_path)
    yield pytest.importorskip("torch")
    sys.modules.pop("networks", None)


def fail(source, **options):
    with pytest.raises(ModelsError) as error:
        from_torch(source, **options)
    message = str(error.value)
    assert "\n" not in message
    return message


def check_equal(pieces, network, picture):
    """ONNX Runtime gives of the file what PyTorch gives of the network."""
    onnxruntime = pytest.importorskip("onnxruntime")
    data = b"".join(pieces)
    onnx.checker.check_model(data, full_check=True)
    session = onnxruntime.InferenceSession(data)
    (found,) = session.run(None, {session.get_inputs()[0].name: picture.numpy()})
    wanted = network(picture).detach().numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.ptp(wanted), rtol=0)


def test_a_function_gives_the_network(torch):
    pieces = from_torch("networks:small", (64, 48, 3))
    picture = torch.rand(1, 3, 64, 48)
    check_equal(pieces, sys.modules["networks"].small().eval(), picture)


def test_an_exported_program_is_converted(torch):
    sys.path.insert(0, "")
    import networks

    sys.path.remove("")
    network, picture = networks.small().eval(), torch.rand(1, 3, 32, 32)
    torch.export.save(torch.export.export(network, (picture,)), "small.pt2")
    check_equal(from_torch("small.pt2"), network, picture)


def test_what_is_no_network_is_refused(torch):
    assert "gives a int, wanted a torch.nn.Module" in fail("networks:number")
    assert "networks has no function 'large'" in fail("networks:large")
    assert fail("networks:broken").endswith("cannot export it: out of order")
    assert "No module named 'elsewhere'" in fail("elsewhere:small")


def test_a_damaged_program_is_refused(torch, tmp_path):
    (tmp_path / "small.pt2").write_bytes(b"PK no archive")
    assert "PyTorch cannot export it" in fail("small.pt2")


def test_without_pytorch_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert fail("networks:small").endswith("pip install torch onnxscript")


@pytest.mark.parametrize("source", ["", "small", ":small", "networks:"])
def test_a_source_that_is_neither_is_refused(source):
    assert "wanted torch:FILE.pt2 or torch:MODULE:FUNCTION" in fail(source)


def test_a_missing_program_is_refused(tmp_path):
    assert "there is no such file" in fail(str(tmp_path / "small.pt2"))


def test_an_exported_program_has_its_own_shape():
    message = fail("small.pt2", input_shape=(32, 32, 3))
    assert "an exported program has its own input shape" in message
