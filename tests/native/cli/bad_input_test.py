# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong: exit code 1, one line that names it, no output file left."""

import os
import shutil
import struct
import zlib

import numpy as np
import onnx
import pytest
import small_networks
from onnx import TensorProto, helper
from PIL import Image
from small_networks import tensor, value


def refuse(synsight, tmp_path, *arguments):
    """The error of `classify` with an output file, of which nothing must be left."""
    folder = tmp_path / "results"
    folder.mkdir(exist_ok=True)
    error = synsight.error("classify", *arguments, "--output", folder / "result.json")
    assert os.listdir(folder) == []
    return error


def png(width, height, color_type=2, data=b""):
    """A PNG whose header may promise anything."""

    def chunk(kind, content):
        checksum = zlib.crc32(kind + content)
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", checksum)
        )

    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    chunks = (
        chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )
    return b"\x89PNG\r\n\x1a\n" + chunks


def noisy_jpeg(path):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path, quality=90)
    return path.read_bytes()


class TestPictures:
    def test_a_missing_file(self, synsight, color_model, tmp_path):
        path = tmp_path / "missing.jpg"
        assert str(path) in refuse(synsight, tmp_path, path, "--model", color_model)

    def test_a_folder_without_pictures(self, synsight, color_model, tmp_path):
        folder = tmp_path / "empty"
        folder.mkdir()
        (folder / "readme.txt").write_text("no picture")
        assert str(folder) in refuse(synsight, tmp_path, folder, "--model", color_model)

    def test_a_text_file_called_jpg(self, synsight, color_model, tmp_path):
        path = tmp_path / "text.jpg"
        path.write_text("This is a letter, not a photograph.\n" * 20)
        assert str(path) in refuse(synsight, tmp_path, path, "--model", color_model)

    @pytest.mark.parametrize("name", ["empty.jpg", "-"])
    def test_nothing_at_all(self, synsight, color_model, tmp_path, name):
        (tmp_path / "empty.jpg").touch()
        path = name if name == "-" else tmp_path / name
        assert str(path) in refuse(synsight, tmp_path, path, "--model", color_model)

    @pytest.mark.parametrize("part", [0.02, 0.3, 0.5, 0.9, 0.99])
    def test_a_truncated_jpeg(self, synsight, color_model, tmp_path, part):
        path = tmp_path / "cut.jpg"
        whole = noisy_jpeg(path)
        path.write_bytes(whole[: int(len(whole) * part)])
        assert str(path) in refuse(synsight, tmp_path, path, "--model", color_model)

    @pytest.mark.parametrize("size", [(60_000, 60_000), (1, 2**31 - 1), (0, 5)])
    def test_a_png_header_of_an_absurd_size(
        self, synsight, color_model, tmp_path, size
    ):
        path = tmp_path / "huge.png"
        path.write_bytes(png(*size))
        assert str(path) in refuse(synsight, tmp_path, path, "--model", color_model)

    def test_a_pipe_that_nobody_writes(self, synsight, color_model, tmp_path):
        path = tmp_path / "pipe.jpg"
        os.mkfifo(path)
        assert str(path) in refuse(synsight, tmp_path, path, "--model", color_model)


@pytest.mark.parametrize("form", ["table", "csv", "keras"])
@pytest.mark.parametrize("name", ["missing.jpg", "text.jpg", "-"])
def test_nothing_is_printed_but_the_error(synsight, color_model, tmp_path, name, form):
    (tmp_path / "text.jpg").write_text("no picture")
    arguments = ("classify", name, "--model", color_model, "--format", form)
    finished = synsight(*arguments, cwd=tmp_path)
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert finished.stderr.startswith("error: ") and finished.stderr.count("\n") == 1


def test_the_header_comes_once_with_the_first_row(
    synsight, color_model, picture, tmp_path
):
    pictures = ["missing.jpg", picture("a.png"), "missing.jpg", picture("b.png")]
    options = ("--model", color_model, "--format", "csv", "--top", 1)
    finished = synsight("classify", *pictures, *options, cwd=tmp_path)
    assert finished.returncode == 1
    header, *rows = finished.stdout.splitlines()
    assert header.startswith("image,rank")
    assert [row.split(",")[0] for row in rows] == [str(pictures[1]), str(pictures[3])]


class TestModels:
    def refuse_model(self, synsight, tmp_path, picture, path):
        error = refuse(synsight, tmp_path, picture(), "--model", path)
        assert str(path) in error
        return error

    def test_a_missing_file(self, synsight, tmp_path, picture):
        self.refuse_model(synsight, tmp_path, picture, tmp_path / "missing.onnx")

    def test_a_folder(self, synsight, tmp_path, picture):
        (tmp_path / "folder.onnx").mkdir()
        self.refuse_model(synsight, tmp_path, picture, tmp_path / "folder.onnx")

    def test_an_onnx_file_cut_anywhere(
        self, synsight, tmp_path, picture, color_model, is_sanitized
    ):
        # Without metadata the opset is the file's end, so that no part of it is a model.
        network = small_networks.color_network(metadata={})
        whole = network.SerializeToString()
        path = tmp_path / "cut.onnx"
        image = picture()
        for size in range(0, len(whole), 13 if is_sanitized else 3):
            path.write_bytes(whole[:size])
            self.refuse_model(synsight, tmp_path, lambda: image, path)

    def test_an_unknown_operator(self, synsight, tmp_path, picture):
        nodes = [helper.make_node("Fancy", ["input"], ["output"], name="the_node")]
        shape = [1, 3, 8, 8]
        network = small_networks.model(
            nodes, [value("input", shape)], [value("output", shape)]
        )
        path = small_networks.save(network, tmp_path / "fancy.onnx")
        error = refuse(synsight, tmp_path, picture(), "--model", path)
        assert "the_node" in error and "Fancy" in error

    def test_a_shape_that_does_not_fit_inside_the_network(
        self, synsight, tmp_path, picture
    ):
        nodes = [
            helper.make_node("Flatten", ["input"], ["flat"], name="flatten"),
            helper.make_node("Gemm", ["flat", "w"], ["output"], name="the_node"),
        ]
        network = small_networks.model(
            nodes,
            [value("input", [1, 3, 8, 8])],
            [value("output", [1, 5])],
            [tensor("w", np.zeros((100, 5), np.float32))],
        )
        path = small_networks.save(network, tmp_path / "misfit.onnx")
        error = refuse(synsight, tmp_path, picture(), "--model", path)
        assert "the_node" in error

    def test_a_recipe_that_does_not_fit_the_network(
        self, synsight, tmp_path, picture, color_model
    ):
        options = ("--model", color_model, "--resize", "stretch 9x9")
        error = refuse(synsight, tmp_path, picture(), *options)
        assert "9x9" in error and "8x8" in error

    def test_a_network_that_takes_no_picture(self, synsight, tmp_path, picture):
        network = small_networks.transpose(TensorProto.FLOAT)
        path = small_networks.save(network, tmp_path / "transpose.onnx")
        error = refuse(synsight, tmp_path, picture(), "--model", path)
        assert "[2,3]" in error

    @pytest.mark.parametrize(
        "location",
        [
            "../weights.bin",
            "sub/weights.bin",
            "{tmp}/weights.bin",
            "link.bin",
            "..",
            "",
        ],
    )
    def test_external_data_that_leads_elsewhere(
        self, synsight, tmp_path, picture, location
    ):
        folder = tmp_path / "model"
        (folder / "sub").mkdir(parents=True)
        for place in (tmp_path, folder / "sub"):
            (place / "weights.bin").write_bytes(bytes(1 << 12))
        (folder / "link.bin").symlink_to(tmp_path / "weights.bin")
        network = small_networks.color_network()
        weight = network.graph.initializer[0]
        weight.ClearField("raw_data")
        weight.data_location = TensorProto.EXTERNAL
        entry = weight.external_data.add()
        entry.key, entry.value = "location", location.format(tmp=tmp_path)
        path = folder / "model.onnx"
        path.write_bytes(network.SerializeToString())
        error = refuse(synsight, tmp_path, picture(), "--model", path)
        assert str(path) in error

    def test_external_data_beside_the_model_is_read(self, synsight, tmp_path, picture):
        network = small_networks.color_network()
        path = tmp_path / "external.onnx"
        onnx.save(
            *(network, path),
            save_as_external_data=True,
            location="external.onnx.data",
            size_threshold=0,
        )
        assert (tmp_path / "external.onnx.data").stat().st_size >= 48
        assert " red" in synsight.ok("classify", picture(), "--model", path)
        (tmp_path / "external.onnx.data").write_bytes(b"short")
        refuse(synsight, tmp_path, picture(), "--model", path)


class TestOutputs:
    @pytest.mark.parametrize(
        "name", ["missing/result.csv", "folder", "file/result.csv", ""]
    )
    def test_an_unwritable_output_is_said_before_the_model_is_looked_at(
        self, synsight, picture, tmp_path, name
    ):
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").touch()
        output = f"{tmp_path}/{name}"
        arguments = (picture(), "--model", tmp_path / "missing.onnx")
        error = synsight.error("classify", *arguments, "--output", output)
        assert output in error

    def test_an_unwritable_tensor(self, synsight, tmp_path, tensor_file):
        network = small_networks.transpose(TensorProto.FLOAT)
        path = small_networks.save(network, tmp_path / "t.onnx")
        tensor_path = tensor_file(np.zeros((2, 3), np.float32))
        output = tmp_path / "missing" / "y.npy"
        assert str(output) in synsight.error("run", path, tensor_path, "-o", output)

    def test_a_full_disk(self, synsight, color_model, picture):
        with open("/dev/full", "wb") as full:
            finished = synsight(
                *("classify", picture(), "--model", color_model),
                capture_output=False,
                stdout=full,
                stderr=-1,
            )
        assert finished.returncode == 1
        assert finished.stderr.startswith("error: standard output")
        assert finished.stderr.count("\n") == 1


def test_no_model_is_installed(synsight, tmp_path, picture):
    program = tmp_path / "bin" / "synsight"
    program.parent.mkdir()
    shutil.copy(synsight.program, program)
    environment = os.environ | {"SYNSIGHT_MODELS": str(tmp_path)}
    alone = type(synsight)(program)
    error = alone.error("classify", picture(), env=environment)
    assert "efficientnet-lite0" in error and "make demo" in error
