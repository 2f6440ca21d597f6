# SPDX-License-Identifier: Apache-2.0
import os
import re
import shutil
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import small_networks
from onnx import helper
from small_networks import tensor, value

needs_graphviz = pytest.mark.skipif(
    shutil.which("dot") is None, reason="Graphviz's program dot is not installed"
)


@pytest.fixture
def branching_model(tmp_path):
    """Two convolutions of one input and their sum; one name must be quoted."""
    odd = 'b<&"c'
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["a"], name="a"),
        helper.make_node("Conv", ["input", "w"], ["b"], name=odd),
        helper.make_node("Add", ["a", "b"], ["sum"], name="sum"),
    ]
    network = small_networks.model(
        nodes,
        [value("input", ["N", 3, 5, 4])],
        [value("sum", ["N", 2, 5, 4])],
        [tensor("w", np.zeros((2, 3, 1, 1), np.float32))],
    )
    return small_networks.save(network, tmp_path / "branching.onnx")


def boxes(text):
    """The texts of each box of a .dot file, in order."""
    labels = re.findall(r"label=<(.*)>\];", text)
    return [["".join(cell.itertext()) for cell in cells(label)] for label in labels]


def cells(label):
    return ET.fromstring(label).iter("td")


def edges(text):
    return re.findall(r"layer(\d+) -> layer(\d+)", text)


def test_the_text_has_a_box_a_layer_and_an_arrow_an_input(synsight, branching_model):
    text = synsight.ok("plot", branching_model, "-o", "-")
    assert boxes(text) == [["Input"], ["Conv"], ["Conv"], ["Add"]]
    assert edges(text) == [("0", "1"), ("0", "2"), ("1", "3"), ("2", "3")]
    assert "rankdir=TB;" in text


def test_names_and_shapes_are_shown_as_keras_shows_them(synsight, branching_model):
    options = ("--show-shapes", "--show-layer-names", "--rankdir", "LR")
    text = synsight.ok("plot", branching_model, "-o", "-", *options)
    big, small = "(None, 3, 5, 4)", "(None, 2, 5, 4)"
    assert boxes(text) == [
        ["input (Input)", f"Output shape: {big}"],
        ["a (Conv)", f"Input shape: {big}", f"Output shape: {small}"],
        ['b<&"c (Conv)', f"Input shape: {big}", f"Output shape: {small}"],
        ["sum (Add)", f"Input shape: [{small}, {small}]", f"Output shape: {small}"],
    ]
    assert "rankdir=LR;" in text


@needs_graphviz
def test_graphviz_draws_it(synsight, branching_model, tmp_path):
    arguments = ("plot", branching_model, "--show-layer-names", "-o")
    synsight.ok(*arguments, tmp_path / "network.svg")
    drawing = ET.parse(tmp_path / "network.svg").getroot()
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    kinds = [group.get("class") for group in drawing.iter() if group.get("class")]
    assert (kinds.count("node"), kinds.count("edge")) == (4, 4)
    assert 'b<&"c' in "".join(drawing.itertext())
    synsight.ok(*arguments, tmp_path / "network.png")
    assert (tmp_path / "network.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_without_graphviz_it_says_so_and_leaves_what_is_there(
    synsight, branching_model, tmp_path
):
    output = tmp_path / "network.svg"
    output.write_text("old")
    environment = os.environ | {"PATH": str(tmp_path)}
    arguments = ("plot", branching_model, "-o")
    error = synsight.error(*arguments, output, env=environment)
    assert "Graphviz" in error and "not installed" in error and ".dot" in error
    assert output.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 2
    synsight.ok(*arguments, tmp_path / "network.dot", env=environment)
    assert (tmp_path / "network.dot").read_text().startswith("digraph")


def test_a_graphviz_that_fails_is_quoted(synsight, branching_model, tmp_path):
    broken = tmp_path / "bin" / "dot"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'no fonts' >&2\necho half\nexit 3\n")
    broken.chmod(0o755)
    environment = os.environ | {"PATH": str(broken.parent)}
    output = tmp_path / "network.png"
    error = synsight.error("plot", branching_model, "-o", output, env=environment)
    assert "exit code 3: no fonts" in error
    assert not output.exists()


def test_what_has_too_many_right_angles_gets_other_arrows(
    synsight, branching_model, tmp_path
):
    stubborn = tmp_path / "bin" / "dot"
    stubborn.parent.mkdir()
    stubborn.write_text(
        "#!/bin/sh\ntext=$(cat)\ncase $text in *ortho*) kill -ABRT $$;; esac\n"
        'echo "$1 $text"\n'
    )
    stubborn.chmod(0o755)
    path = f"{stubborn.parent}:{os.environ['PATH']}"
    output = tmp_path / "network.svg"
    arguments = ("plot", branching_model, "-o", output)
    synsight.ok(*arguments, env=os.environ | {"PATH": path})
    drawn = output.read_text()
    assert drawn.startswith("-Tsvg digraph") and "splines=spline;" in drawn


def test_the_model_is_not_replaced(synsight, branching_model, tmp_path):
    link = tmp_path / "link.dot"
    link.symlink_to(branching_model)
    assert "would replace the model" in synsight.error(
        "plot", branching_model, "-o", link
    )


@pytest.mark.parametrize("output", ["network.pdf", "network", "svg", ".onnx"])
def test_another_ending_is_wrong_usage(synsight, branching_model, output):
    error = synsight.error("plot", branching_model, "-o", output, code=2)
    assert ".svg, .png or .dot" in error
