# SPDX-License-Identifier: Apache-2.0
"""How many photographs are named right, and how often ONNX Runtime says the same."""

from models import catalog
from tests.benchmarks import programs
from tests.benchmarks.materials import network_file, test_data
from tests.benchmarks.programs import Skipped
from tests.benchmarks.table import Column, Table

LEAST_RIGHT = {"efficientnet-lite0": (90, 99)}  # top-1, top-5


def measure(is_quick):
    """The table for the catalog's networks; quick: for the default one alone."""
    photos = sorted((test_data() / "images/imagenet-samples").glob("*.JPEG"))
    if not photos:
        folder = test_data()
        raise Skipped(f"{folder} (see TEST_DATA) has no images/imagenet-samples")
    names = list(LEAST_RIGHT) if is_quick else [e["name"] for e in catalog.load()]
    rows = [_row(name, photos) for name in names]
    return Table(
        title=f"Accuracy on {len(photos)} photographs of ImageNet's classes",
        columns=[
            Column("network", "network"),
            Column("synsight_top1", "Synsight top-1", "d"),
            Column("synsight_top5", "top-5", "d"),
            Column("onnxruntime_top1", "ONNX Runtime top-1", "d"),
            Column("onnxruntime_top5", "top-5", "d"),
            Column("same_top1", "same top-1", "d"),
        ],
        rows=rows,
        how="ONNX Runtime is fed by Pillow, as in onnxruntime_classify.py.",
        goal="90 top-1 and 99 top-5 with efficientnet-lite0, and always the same top-1",
        is_reached=all(_is_good(row, len(photos)) for row in rows),
    )


def _row(name, photos):
    answers = {}
    for engine in ["synsight", "onnxruntime"]:
        command = programs.classify_command(engine, network_file(name), photos)
        lines = programs.run(command).json_lines()
        answers[engine] = [[p["wnid"] for p in line["predictions"]] for line in lines]
    # Each file is called by the WordNet id of what it shows.
    truth = [photo.name.partition("_")[0] for photo in photos]
    row = {"network": name}
    for engine, found in answers.items():
        pairs = list(zip(found, truth, strict=True))
        row[f"{engine}_top1"] = sum(top[0] == right for top, right in pairs)
        row[f"{engine}_top5"] = sum(right in top for top, right in pairs)
    both = zip(*answers.values(), strict=True)
    return row | {"same_top1": sum(ours[0] == theirs[0] for ours, theirs in both)}


def _is_good(row, num_photos):
    top1, top5 = LEAST_RIGHT.get(row["network"], (0, 0))
    return (
        row["synsight_top1"] >= top1
        and row["synsight_top5"] >= top5
        and row["same_top1"] == num_photos
    )
