# SPDX-License-Identifier: Apache-2.0
import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from models import __main__, describe, presets
from models.errors import ModelsError

LABELS = "cat\nn01\tdog\nÄffchen"


def make_model(path, shape=(1, 3, 20, 30), metadata=None, external=False):
    """Pictures to 3 scores; the weights lie beside the file with `external`."""
    weight = numpy_helper.from_array(np.eye(3, dtype=np.float32), "w")
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["mean"], name="mean"),
        helper.make_node("Flatten", ["mean"], ["flat"], name="flatten"),
        helper.make_node("MatMul", ["flat", "w"], ["y"], name="dense"),
    ]
    inputs = [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)]
    outputs = [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 3])]
    graph = helper.make_graph(nodes, "small", inputs, outputs, [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, metadata or {})
    where = {"location": f"{path.name}.data", "size_threshold": 0}
    onnx.save(model, path, save_as_external_data=external, **where if external else {})
    return path


def props(path):
    model = onnx.load(path, load_external_data=False)
    assert len({p.key for p in model.metadata_props}) == len(model.metadata_props)
    return {p.key: p.value for p in model.metadata_props}


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.txt"
    path.write_text(LABELS + "\n", encoding="utf-8")
    return path


def test_a_file_is_described_in_place_and_keeps_the_rest(tmp_path, labels, capsys):
    metadata = {"author": "somebody", "synsight.mean": "7", "synsight.licence": "MIT"}
    path = make_model(tmp_path / "model.onnx", metadata=metadata)
    before = onnx.load(path)
    options = ["--preset", "keras-caffe", "--classes", str(labels), "--source", "here"]
    assert __main__.main(["describe", str(path), *options]) == 0
    assert props(path) == {
        "author": "somebody",
        "synsight.resize": "stretch 30x20",
        "synsight.filter": "nearest",
        "synsight.crop": "none",
        "synsight.color": "BGR",
        "synsight.scale": "1",
        "synsight.mean": "103.939,116.779,123.68",
        "synsight.std": "1",
        "synsight.classes": LABELS,
        "synsight.source": "here",
        "synsight.licence": "MIT",
    }
    after = onnx.load(path)
    assert after.graph == before.graph
    printed = capsys.readouterr().out
    assert "synsight.color: BGR\n" in printed
    assert "synsight.classes: cat ... (3 lines)\n" in printed


def test_one_field_is_mended_and_wins_over_the_preset(tmp_path):
    path = make_model(tmp_path / "model.onnx")
    describe.describe(path, None, "torchvision", {"filter": "bicubic"})
    assert props(path)["synsight.filter"] == "bicubic"
    describe.describe(path, None, fields={"std": "0.5"})
    assert props(path)["synsight.std"] == "0.5"
    assert props(path)["synsight.filter"] == "bicubic"


def test_an_output_leaves_the_file_as_it_was(tmp_path):
    path = make_model(tmp_path / "model.onnx")
    before = path.read_bytes()
    describe.describe(path, tmp_path / "other.onnx", "keras-tf")
    assert path.read_bytes() == before
    assert props(tmp_path / "other.onnx")["synsight.scale"] == "1/127.5"


def test_without_options_it_prints_what_is_said(tmp_path, capsys):
    path = make_model(tmp_path / "model.onnx", metadata={"synsight.mean": "7"})
    before = path.read_bytes()
    assert __main__.main(["describe", str(path)]) == 0
    assert capsys.readouterr().out == "synsight.mean: 7\n"
    assert path.read_bytes() == before


def test_external_data_stay_where_they_are(tmp_path):
    path = make_model(tmp_path / "model.onnx", external=True)
    data = tmp_path / "model.onnx.data"
    before = data.read_bytes()
    describe.describe(path, None, "keras-tf")
    assert data.read_bytes() == before
    model = onnx.load(path, load_external_data=False)
    (weight,) = model.graph.initializer
    assert weight.data_location == onnx.TensorProto.EXTERNAL
    np.testing.assert_array_equal(
        numpy_helper.to_array(onnx.load(path).graph.initializer[0]), np.eye(3)
    )
    elsewhere = tmp_path / "elsewhere" / "model.onnx"
    with pytest.raises(ModelsError, match="same folder"):
        describe.describe(path, elsewhere, "keras-tf")
    with pytest.raises(ModelsError, match="would be replaced"):
        describe.describe(path, data, "keras-tf")
    assert data.read_bytes() == before


def test_behind_a_link_the_file_itself_is_mended(tmp_path):
    path = make_model(tmp_path / "model.onnx")
    link = tmp_path / "link.onnx"
    link.symlink_to(path)
    describe.describe(link, None, "keras-tf")
    assert link.is_symlink()
    assert props(path)["synsight.mean"] == "1"


def test_the_labels_are_not_replaced(tmp_path, labels):
    path = make_model(tmp_path / "model.onnx")
    with pytest.raises(ModelsError, match="would be replaced"):
        describe.describe(path, labels, classes=str(labels))
    assert labels.read_text(encoding="utf-8") == LABELS + "\n"


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("a\nb\n", "names 2, the network gives 3 scores"),
        ("a\n\nc\n", "no label in line 2"),
        ("a\nb\nn01\t\n", "no label in line 3"),
        (b"a\n\xff\xfe\nc\n", "no text in UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_classes_that_do_not_fit(tmp_path, text, wanted):
    path, labels = make_model(tmp_path / "model.onnx"), tmp_path / "labels.txt"
    if text is not None:
        labels.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ModelsError, match=wanted):
        describe.describe(path, None, classes=str(labels))


@pytest.mark.parametrize(
    "options, wanted",
    [
        (["--crop", "20x30"], "makes pictures of 20x30, the graph wants 30x20"),
        (["--resize", "stretch 30x21"], "makes pictures of 30x21"),
        (["--resize", "huge"], "'shorter SIDE'"),
        (["--resize", "shorter 9999"], "sides are 1 to 8192"),
        (["--scale", "1/0"], "not 0"),
        (["--mean", "1,2"], "three with commas"),
        (["--color", "CMYK"], "RGB or BGR"),
        (["--classes", "imagenet-1k"], "names 1000, the network gives 3 scores"),
    ],
)
def test_what_is_wrong_is_one_line_and_changes_nothing(
    tmp_path, capsys, options, wanted
):
    path = make_model(tmp_path / "model.onnx")
    before = path.read_bytes()
    assert __main__.main(["describe", str(path), *options]) == 1
    error = capsys.readouterr().err
    assert wanted in error and error.count("\n") == 1
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("shape", [(1, 1, 28, 28), (1, 3), (1, 4, 8, 8)])
def test_a_network_that_takes_no_pictures_is_refused(tmp_path, shape):
    path = make_model(tmp_path / "model.onnx", shape)
    with pytest.raises(ModelsError, match=r"wanted \[N,3,H,W\]"):
        describe.describe(path, None, "keras-tf")


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.onnx"
    for content in (b"no model", b""):
        path.write_bytes(content)
        with pytest.raises(ModelsError, match="is no ONNX file"):
            describe.describe(path, None, "keras-tf")


def test_channels_last_and_open_sizes(tmp_path):
    path = make_model(tmp_path / "last.onnx", ("N", 20, 30, 3))
    assert describe.describe(path, None, "keras-tf")["resize"] == "stretch 30x20"
    path = make_model(tmp_path / "open.onnx", ("N", 3, "H", "W"))
    assert describe.describe(path, None, "torchvision")["crop"] == "224x224"
    path = make_model(tmp_path / "all.onnx", ("N", "C", "H", "W"))
    assert describe.describe(path, None, "torchvision")["crop"] == "224x224"


@pytest.mark.parametrize("name", presets.PRESETS)
def test_a_preset_is_whole_and_well_formed(name):
    fields = presets.preset_fields(name, 224, 160)
    assert tuple(sorted(fields)) == tuple(sorted(presets.KEYS))
    for key, text in fields.items():
        presets.check_field(key, text)
    assert presets.output_size(fields)[1:] == (224, 160)
