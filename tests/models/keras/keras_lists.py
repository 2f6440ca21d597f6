# SPDX-License-Identifier: Apache-2.0
"""Compares printed lists of classes with those of Keras's decode_predictions."""

import csv
import functools
from pathlib import Path

import keras
import numpy as np
from keras.src.applications import imagenet_utils

CLASS_TABLE = Path(__file__).resolve().parents[3] / "assets" / "imagenet-1k.tsv"
_SAME_TO_FOUR_DECIMALS = 5e-5


def is_same(lists, scores, tolerance):
    """Whether lists, one a row of scores, are Keras's, to four decimals.

    But for the order of classes whose logits differ by less than the tolerance, a part
    of their range.
    """
    imagenet_utils.CLASS_INDEX = _class_index()
    wanted = keras.applications.imagenet_utils.decode_predictions(scores)
    logits = np.log(np.maximum(scores, np.finfo(np.float32).tiny))
    limit = tolerance * np.ptp(logits)
    rows = zip(lists, wanted, logits, strict=True)
    return all(_is_same_list(*row, limit) for row in rows)


def _is_same_list(found, wanted, logits, limit):
    places = {tuple(entry): int(i) for i, entry in _class_index().items()}
    if len(found) != len(wanted):
        return False
    for (*ours, score), (*kerass, wanted_score) in zip(found, wanted, strict=True):
        place, wanted_place = places.get(tuple(ours)), places[tuple(kerass)]
        if place is None or abs(logits[place] - logits[wanted_place]) > limit:
            return False
        if abs(score - wanted_score) >= _SAME_TO_FOUR_DECIMALS:
            return False
    return True


@functools.cache
def _class_index():
    """{index: [wnid, label]}, which decode_predictions would download."""
    with open(CLASS_TABLE, encoding="ascii") as file:
        rows = csv.DictReader(file, dialect="excel-tab")
        return {row["index"]: [row["wnid"], row["label"]] for row in rows}
