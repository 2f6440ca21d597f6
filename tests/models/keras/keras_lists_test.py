# SPDX-License-Identifier: Apache-2.0
"""The comparison of lists finds what is wrong."""

import keras_lists
import numpy as np
import pytest

TOLERANCE = 1e-4
# The best are 0 to 4, with scores of 0.72, 0.15, ...; 5 is as good as equal to 4.
LOGITS = np.array([[12, 10.4, 9.5, 9, 8, 7.9995, *[0] * 994]])
SCORES = (np.exp(LOGITS) / np.exp(LOGITS).sum()).astype(np.float32)


@pytest.fixture
def entries():
    """Keras's list, as a list that may be changed."""
    table = keras_lists.CLASS_TABLE.read_text(encoding="ascii").splitlines()[1:7]
    return [
        (*line.split("\t")[1:3], score)
        for line, score in zip(table, SCORES[0, :6], strict=True)
    ]


def is_same(entries):
    return keras_lists.is_same([entries], SCORES, TOLERANCE)


def test_kerass_own_list_is_the_same(entries):
    assert is_same(entries[:5])


def test_a_class_as_good_as_equal_may_come_instead(entries):
    assert is_same([*entries[:4], entries[5]])


def test_another_order_is_seen(entries):
    scores = [score for *_, score in entries]
    entries[1:3] = [(*entries[2][:2], scores[1]), (*entries[1][:2], scores[2])]
    assert not is_same(entries[:5])


@pytest.mark.parametrize("off, same", [(4e-5, True), (6e-5, False)])
def test_scores_are_compared_to_four_decimals(entries, off, same):
    entries[1] = (*entries[1][:2], entries[1][2] - off)
    assert is_same(entries[:5]) == same


def test_another_label_is_seen(entries):
    entries[2] = (entries[2][0], "great white shark", entries[2][2])
    assert not is_same(entries[:5])


def test_a_short_list_is_seen(entries):
    assert not is_same(entries[:4])
