# SPDX-License-Identifier: Apache-2.0
"""What native/cuda/bench.py does without a GPU."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest
from onnx import TensorProto, helper

PATH = Path(__file__).resolve().parents[3] / "native" / "cuda" / "bench.py"


@pytest.fixture
def bench():
    spec = importlib.util.spec_from_file_location("cuda_bench", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["cuda_bench"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["cuda_bench"]


def test_without_a_gpu_it_is_one_line_and_exit_code_1(bench, monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    assert bench.main([]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: there is no GPU 0 to measure: nvidia-smi")
    assert captured.err.count("\n") == 1


def test_a_missing_program_is_named(bench, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(bench, "find_gpu", lambda _: {"device": "X", "driver": "1"})
    assert bench.main(["--synsight", str(tmp_path / "none")]) == 1
    assert "run `make cuda` first" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--networks", "alexnet"],
        ["--batches", "0"],
        ["--batches", "4097"],
        ["--batches", "many"],
        ["--runs", "0"],
        ["--rounds", "-1"],
        ["--device", "-1"],
        ["--output", "no/such/folder/x.json"],
        ["more"],
    ],
)
def test_arguments_are_checked(bench, arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        bench.parse_arguments(arguments)
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_rounds_go_by_turns_and_what_is_skipped_is_said_once(bench, monkeypatch):
    calls = []

    def time_engine(engine, name, batch, _options):
        calls.append((engine, batch))
        if engine == "eager":
            raise bench.Skipped("torch is not installed")
        if engine == "compiled" and batch == 256:
            raise bench.Skipped("out of memory")
        return {"synsight": 2.0, "compiled": 4.0, "tensorrt": 8.0}[engine]

    monkeypatch.setattr(bench, "time_engine", time_engine)
    options = SimpleNamespace(networks=["vgg16"], batches=[1, 256], rounds=2)
    rows, skipped = bench.measure(options)
    assert calls[:5] == [
        *(("synsight", 1), ("eager", 1), ("compiled", 1), ("tensorrt", 1)),
        ("synsight", 256),
    ]
    assert [call for call in calls if call[0] == "eager"] == [("eager", 1)]
    assert calls.count(("synsight", 1)) == 2
    assert calls.count(("compiled", 256)) == 1
    assert skipped == {
        "PyTorch eager, vgg16": "torch is not installed",
        "PyTorch compiled, vgg16, 256": "out of memory",
    }
    assert rows[0]["synsight_images_per_second"] == 500
    assert rows[1]["synsight_images_per_second"] == 128000
    assert "compiled_ms" in rows[0]
    assert "compiled_ms" not in rows[1]
    titles, _, first, second = bench.format_table(rows).splitlines()
    assert titles.count("|") == first.count("|") == second.count("|")
    assert first.split()[1::2] == [
        *("vgg16", "1", "2.00", "500", "-", "-", "4.00", "250", "8.00", "125")
    ]


def test_tensorrt_is_given_the_input_and_says_its_latency(bench, tmp_path):
    def value(name, dims):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, dims)

    for dims, wanted in ((["N", 3, 9, 7], "x:8x3x9x7"), (["N", 3, "H", "W"], None)):
        node = helper.make_node("Relu", ["x"], ["y"])
        graph = helper.make_graph([node], "g", [value("x", dims)], [value("y", dims)])
        path = tmp_path / "network.onnx"
        onnx.save(helper.make_model(graph), path)
        if wanted:
            assert bench.input_shape(path, 8) == wanted
        else:
            with pytest.raises(bench.Skipped):
                bench.input_shape(path, 8)
    line = "[I] Latency: min = 1.1 ms, max = 2 ms, mean = 1.3 ms, median = 1.25 ms, x\n"
    assert bench.parse_trtexec("[I] H2D Latency: none\n" + line) == 1.25
    with pytest.raises(bench.Skipped):
        bench.parse_trtexec("nothing")


def test_what_a_process_says_last_is_why_it_is_skipped(bench):
    command = [sys.executable, "-c", "import sys; sys.exit('one\\ntwo')"]
    with pytest.raises(bench.Skipped, match="two"):
        bench.run(command)
    with pytest.raises(bench.Skipped, match="No such file"):
        bench.run(["/no/such/program"])
