# SPDX-License-Identifier: Apache-2.0
import csv
import io
import json
import os
import shutil
import stat

import numpy as np
import pytest
import small_networks
from PIL import Image
from small_networks import COLORS, color_logits, color_probabilities, softmax


def classify_json(synsight, *arguments, **options):
    """The objects of --format json, of a run that must succeed."""
    text = synsight.ok("classify", "--format", "json", *arguments, **options)
    return [json.loads(line) for line in text.splitlines()]


def probabilities_of(result):
    """A JSON result's probabilities in the order of COLORS."""
    by_label = {p["label"]: p["probability"] for p in result["predictions"]}
    return [by_label[label] for label in COLORS]


def test_json_has_the_picture_its_size_and_the_probabilities(
    synsight, color_model, picture
):
    color = (20, 200, 90)
    path = picture(color=color, size=(13, 5))
    (result,) = classify_json(synsight, path, "--model", color_model)
    assert list(result) == ["image", "width", "height", "predictions", "ms"]
    assert (result["image"], result["width"], result["height"]) == (str(path), 13, 5)
    assert list(result["ms"]) == ["decode", "preprocess", "inference"]
    assert all(0 <= ms < 10_000 for ms in result["ms"].values())
    ranked = [p["probability"] for p in result["predictions"]]
    assert ranked == sorted(ranked, reverse=True)
    for prediction in result["predictions"]:
        assert list(prediction) == ["index", "wnid", "label", "probability"]
        assert COLORS[prediction["index"]] == prediction["label"]
    np.testing.assert_allclose(
        probabilities_of(result), color_probabilities(color), rtol=2e-6
    )


@pytest.mark.parametrize("backend", ["auto", "xnnpack", "reference"])
def test_backends_agree(synsight, color_model, picture, backend):
    arguments = (picture(), "--model", color_model, "--backend", backend)
    (result,) = classify_json(synsight, *arguments)
    np.testing.assert_allclose(
        probabilities_of(result), color_probabilities((255, 0, 0)), rtol=2e-6
    )


def test_top_limits_the_classes_and_may_exceed_them(synsight, color_model, picture):
    for top, wanted in ((1, 1), (2, 2), (100, 3)):
        arguments = (picture(), "--model", color_model, "--top", top)
        (result,) = classify_json(synsight, *arguments)
        assert len(result["predictions"]) == wanted


def test_many_pictures_keep_their_order_and_their_own_results(
    synsight, color_model, picture, tmp_path
):
    generator = np.random.default_rng(3)
    colors = {}
    for i in range(60):
        name = f"folder/{i % 7}/{generator.integers(1000)}-{i}.png"
        # Sizes differ, so that some take far longer to decode than those after them.
        side = int(generator.choice([2, 900]))
        color = tuple(int(c) for c in generator.integers(0, 256, 3))
        colors[str(picture(name, color, (side, side)))] = color
    results = classify_json(synsight, tmp_path / "folder", "--model", color_model)
    assert [result["image"] for result in results] == sorted(colors)
    for result in results:
        np.testing.assert_allclose(
            probabilities_of(result),
            color_probabilities(colors[result["image"]]),
            rtol=2e-6,
        )


def test_a_folder_gives_pictures_by_their_extension_and_a_file_is_taken_as_it_is(
    synsight, color_model, picture, tmp_path
):
    forms = {
        "a.JPG": "JPEG",
        "b.jpeg": "JPEG",
        "c.png": "PNG",
        "d.bmp": "BMP",
        "e.gif": "GIF",
    }
    for name, form in forms.items():
        picture(f"folder/{name}", form=form)
    (tmp_path / "folder" / "notes.txt").write_text("no picture")
    plain = picture("picture.data", form="PNG")
    arguments = (plain, tmp_path / "folder", plain, "--model", color_model)
    images = [result["image"] for result in classify_json(synsight, *arguments)]
    folder = [str(tmp_path / "folder" / name) for name in sorted(forms)]
    assert images == [str(plain), *folder, str(plain)]


def test_a_picture_comes_from_standard_input(synsight, color_model, picture):
    encoded = picture(color=(0, 0, 255)).read_bytes()
    arguments = ("-", "--model", color_model)
    options = {"input": encoded, "encoding": None, "errors": None}
    (result,) = classify_json(synsight, *arguments, **options)
    assert result["image"] == "-"
    assert result["predictions"][0]["label"] == "blue"


def test_overrides_and_presets_change_the_input(synsight, color_model, picture):
    color = (30, 60, 220)
    path = picture(color=color)
    pixels = np.float64(color)
    torch_mean, torch_std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    cases = [
        (["--color", "BGR"], pixels[::-1] / 255),
        (["--mean", "0.5", "--std", "0.25"], (pixels / 255 - 0.5) / 0.25),
        (["--mean", "-0.5,0,0.1"], pixels / 255 - [-0.5, 0, 0.1]),
        (["--scale", "0.01"], pixels * 0.01),
        (["--preset", "torchvision", "--resize", "stretch 8x8", "--crop", "none"],)
        + ((pixels / 255 - torch_mean) / torch_std,),
    ]
    for options, channels in cases:
        arguments = (path, "--model", color_model, *options)
        (result,) = classify_json(synsight, *arguments)
        np.testing.assert_allclose(
            probabilities_of(result),
            softmax(color_logits(channels)),
            rtol=1e-5,
            err_msg=str(options),
        )


def test_the_crop_is_the_middle(synsight, color_model, tmp_path):
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[4:12, 4:12] = (0, 255, 0)
    Image.fromarray(pixels).save(tmp_path / "framed.png")
    arguments = (tmp_path / "framed.png", "--model", color_model)
    options = ("--resize", "none", "--crop", "8x8")
    (result,) = classify_json(synsight, *arguments, *options)
    np.testing.assert_allclose(
        probabilities_of(result), color_probabilities((0, 255, 0)), rtol=2e-6
    )


def test_the_table_is_aligned_and_names_each_picture_once(
    synsight, color_model, picture, tmp_path
):
    first = picture("first.png", (255, 0, 0))
    second = picture("a longer name.png", (0, 0, 255))
    lines = synsight.ok("classify", first, second, "--model", color_model).splitlines()
    title = lines[0]
    assert title.split() == ["picture", "rank", "probability", "label"]
    label_column = title.index("label")
    percent_end = title.index("probability") + len("probability")
    assert len(lines) == 1 + 2 * 3
    for line in lines[1:]:
        assert line[percent_end - 2 : percent_end] == " %"
        assert line[label_column:] in COLORS
        assert line[percent_end:label_column].isspace()
    shown = [line[: title.index("rank")].strip() for line in lines[1:]]
    assert shown == [str(first), "", "", str(second), "", ""]
    percent = 100 * color_probabilities((255, 0, 0))[0]
    assert f"{percent:.2f} %" in lines[1]


def test_csv_is_quoted_so_that_a_reader_gets_everything_back(
    synsight, picture, tmp_path
):
    labels = ["jack-o'-lantern", 'the "big" one', "salt, pepper"]
    classes = "\n".join(f"n0000000{i}\t{label}" for i, label in enumerate(labels))
    metadata = small_networks.COLOR_METADATA | {"synsight.classes": classes}
    network = small_networks.color_network(metadata)
    path = small_networks.save(network, tmp_path / "labels.onnx")
    name = 'a, "b"\nc.png'
    text = synsight.ok(
        "classify", picture(name), "--model", path, "--format", "csv", "--top", 3
    )
    title, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert title == ["image", "rank", "index", "wnid", "label", "probability"]
    assert [row[0] for row in rows] == [str(tmp_path / name)] * 3
    assert [row[1] for row in rows] == ["1", "2", "3"]
    for row in rows:
        assert row[3:5] == [f"n0000000{row[2]}", labels[int(row[2])]]
    by_index = sorted(rows, key=lambda row: int(row[2]))
    np.testing.assert_allclose(
        [float(row[5]) for row in by_index],
        color_probabilities((255, 0, 0)),
        rtol=2e-6,
    )


def test_json_numbers_give_the_same_floats_back(synsight, picture, tmp_path):
    network = small_networks.color_network(bias=(0, -9.3, -12.1))
    path = small_networks.save(network, tmp_path / "model.onnx")
    logits_file = tmp_path / "logits.npy"
    tensor = np.zeros((1, 3, 8, 8), np.float32)
    tensor[:, 0] = 1
    np.save(tmp_path / "input.npy", tensor)
    synsight.ok("run", path, tmp_path / "input.npy", "-o", logits_file)
    (result,) = classify_json(synsight, picture(), "--model", path)
    wanted = softmax(np.load(logits_file)[0].astype(np.float64)).astype(np.float32)
    assert [np.float32(p) for p in probabilities_of(result)] == list(wanted)


def test_scores_that_are_no_numbers_are_an_error(synsight, picture, tmp_path):
    network = small_networks.color_network(bias=(0, np.nan, 0))
    path = small_networks.save(network, tmp_path / "nan.onnx")
    arguments = ("classify", picture(), "--model", path, "--format", "json")
    finished = synsight(*arguments)
    assert finished.returncode == 1
    assert finished.stderr.startswith("error: ") and "scores" in finished.stderr
    assert "scores" in json.loads(finished.stdout)["error"]["message"]


def test_a_picture_that_fails_leaves_the_others(synsight, color_model, picture):
    good = picture("good.png")
    bad = good.with_name("bad.png")
    bad.write_bytes(b"no picture")
    missing = good.with_name("missing.png")
    finished = synsight(
        *("classify", bad, good, missing, good),
        *("--model", color_model, "--format", "json"),
    )
    assert finished.returncode == 1
    results = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [r["image"] for r in results] == [str(p) for p in (bad, good, missing, good)]
    assert results[0]["error"]["code"] == "invalid_image"
    assert results[2]["error"]["code"] == "io"
    assert str(missing) in results[2]["error"]["message"]
    assert results[1]["predictions"] and results[3]["predictions"]
    lines = finished.stderr.splitlines()
    assert len(lines) == 2 and all(line.startswith("error: ") for line in lines)
    assert str(bad) in lines[0] and str(missing) in lines[1]


def test_a_picture_beyond_max_pixels_is_refused(synsight, color_model, picture):
    path = picture(size=(10, 10))
    arguments = ("classify", path, "--model", color_model, "--max-pixels")
    synsight.ok(*arguments, 100)
    assert str(path) in synsight.error(*arguments, 99)


def test_a_picture_that_takes_too_long_is_given_up(synsight, picture, tmp_path):
    path = small_networks.save(small_networks.slow_network(), tmp_path / "slow.onnx")
    finished = synsight(
        *("classify", picture(), picture("second.png"), "--model", path),
        *("--backend", "reference", "--timeout-ms", 1, "--format", "json"),
    )
    assert finished.returncode == 1
    results = [json.loads(line) for line in finished.stdout.splitlines()]
    assert [r["error"]["code"] for r in results] == ["deadline_exceeded"] * 2


def test_a_generous_timeout_changes_nothing(synsight, color_model, picture):
    arguments = (picture(), "--model", color_model, "--timeout-ms", 60_000)
    assert len(classify_json(synsight, *arguments)) == 1


class TestOutputFile:
    def test_holds_what_standard_output_would_show(
        self, synsight, color_model, picture, tmp_path
    ):
        arguments = ("classify", picture(), "--model", color_model, "--format", "csv")
        output = tmp_path / "new" / "result.csv"
        output.parent.mkdir()
        assert synsight.ok(*arguments, "--output", output) == ""
        assert output.read_text() == synsight.ok(*arguments)
        assert os.listdir(output.parent) == ["result.csv"]
        assert stat.S_IMODE(output.stat().st_mode) & 0o600 == 0o600

    def test_replaces_what_was_there_behind_a_link(
        self, synsight, color_model, picture, tmp_path
    ):
        target = tmp_path / "target.csv"
        target.write_text("old")
        link = tmp_path / "link.csv"
        link.symlink_to(target)
        arguments = ("classify", picture(), "--model", color_model, "--format", "csv")
        synsight.ok(*arguments, "--output", link)
        assert link.is_symlink()
        assert target.read_text().startswith("image,rank")

    def test_a_device_is_written_and_stays_one(self, synsight, color_model, picture):
        arguments = ("classify", picture(), "--model", color_model)
        assert synsight.ok(*arguments, "--output", "/dev/null") == ""
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)

    def test_may_be_standard_output(self, synsight, color_model, picture, tmp_path):
        (tmp_path / "here").mkdir()
        arguments = ("classify", picture(), "--model", color_model)
        written = synsight.ok(*arguments, "--output", "-", cwd=tmp_path / "here")
        assert written == synsight.ok(*arguments)
        assert os.listdir(tmp_path / "here") == []

    def test_is_left_alone_where_nothing_could_be_classified(
        self, synsight, color_model, tmp_path
    ):
        (tmp_path / "bad.png").write_bytes(b"no picture")
        output = tmp_path / "new" / "result.json"
        output.parent.mkdir()
        output.write_text("old")
        synsight.error(
            *("classify", tmp_path / "bad.png", "--model", color_model),
            *("--format", "json", "--output", output),
        )
        assert output.read_text() == "old"
        assert os.listdir(output.parent) == ["result.json"]


def test_names_cannot_break_lines_or_steer_a_terminal(
    synsight, color_model, picture, tmp_path
):
    name = "bell\a escape\x1b[2J line\nend.png"
    good = picture(name)
    text = synsight.ok("classify", good, "--model", color_model)
    assert len(text.splitlines()) == 4
    assert "\x1b" not in text and "\a" not in text
    good.write_bytes(b"no picture")
    assert "\x1b" not in synsight.error("classify", good, "--model", color_model)


def test_a_name_that_is_not_utf_8_is_still_json(
    synsight, color_model, picture, tmp_path
):
    path = os.fsencode(tmp_path) + b"/\xff\xfe.png"
    shutil.copy(picture(), path)
    arguments = (os.fsdecode(path), "--model", color_model, "--format", "json")
    options = {"input": b"", "encoding": None, "errors": None}
    text = synsight.ok("classify", *arguments, **options)
    assert json.loads(text.decode("utf-8"))["width"] == 8


def test_a_picture_of_the_models_size_needs_no_resizing(synsight, color_model, picture):
    options = ("--model", color_model, "--resize", "none", "--crop", "none")
    (result,) = classify_json(synsight, picture(size=(8, 8)), *options)
    assert result["predictions"][0]["label"] == "red"
    path = picture("large.png", size=(9, 8))
    error = synsight.error("classify", path, *options)
    assert str(path) in error and "9x8" in error and "8x8" in error
