# SPDX-License-Identifier: Apache-2.0
"""The examples, as they are built beside everything else."""

import pytest
from command import run


@pytest.fixture(params=["classify_cpp", "classify_c"])
def example(request, build_dir):
    return build_dir / "bin" / request.param


def test_an_example_prints_the_classes_of_a_picture(example, colors):
    assert run(example, colors.model, colors.picture) == (0, colors.output, "")


def test_an_example_says_how_it_is_used(example):
    code, output, errors = run(example)
    assert (code, output) == (2, "")
    assert errors == f"usage: {example.name} MODEL.onnx PICTURE\n"


@pytest.mark.parametrize(
    "damage", ["no model", "no picture", "a cut model", "a cut picture"]
)
def test_an_example_names_what_is_wrong(example, colors, tmp_path, damage):
    kind = damage.split()[-1]
    path = tmp_path / kind
    whole = {"model": colors.model, "picture": colors.picture}
    if damage.startswith("a cut"):
        path.write_bytes(whole[kind].read_bytes()[:50])
    files = whole | {kind: path}
    code, output, errors = run(example, files["model"], files["picture"])
    assert (code, output) == (1, "")
    assert errors.startswith("error: ")
    assert errors.count("\n") == 1
