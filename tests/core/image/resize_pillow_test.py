# SPDX-License-Identifier: Apache-2.0
"""Resizing equals Pillow's, bit for bit."""

import numpy as np
import pytest
from PIL import Image

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

# (width, height) -> (width, height)
CHOSEN_SIZES = [
    ((1, 1), (1, 1)),
    ((1, 1), (7, 5)),
    ((7, 5), (1, 1)),
    ((1, 300), (224, 224)),
    ((300, 1), (224, 224)),
    ((500, 375), (298, 224)),
    ((375, 500), (224, 298)),
    ((500, 375), (341, 256)),
    ((500, 375), (500, 224)),
    ((500, 375), (224, 375)),
    ((500, 375), (224, 224)),
    ((320, 500), (224, 224)),  # loses twice as much height: down first
    ((100, 101), (101, 100)),
    ((3, 373), (1, 1)),
    ((2, 3000), (3000, 2)),
    ((4000, 2), (2, 4000)),
    ((5000, 3), (1, 3)),
    ((640, 480), (1280, 960)),
    ((224, 224), (299, 299)),
]


def random_side(rng):
    return int(rng.choice([1, 2, 3, rng.integers(1, 30), rng.integers(1, 700)]))


def random_pictures(rng, width, height):
    """Noise, and black and white alone, which clips most."""
    yield rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    yield rng.integers(0, 2, (height, width, 3), dtype=np.uint8) * np.uint8(255)


def check(tool, pixels, size, filter_name):
    wanted = np.asarray(Image.fromarray(pixels).resize(size, FILTERS[filter_name]))
    found = tool.resize(pixels, size, filter_name)
    differing = np.argwhere(wanted != found)
    assert differing.size == 0, (
        f"{pixels.shape[1]}x{pixels.shape[0]} to {size}, {filter_name}: {len(differing)}"
        f" bytes differ, first at {differing[0]}: {found[tuple(differing[0])]}, "
        f"wanted {wanted[tuple(differing[0])]}"
    )


@pytest.mark.parametrize("filter_name", FILTERS)
@pytest.mark.parametrize("size, new_size", CHOSEN_SIZES)
def test_chosen_sizes(tool, rng, size, new_size, filter_name):
    for pixels in random_pictures(rng, *size):
        check(tool, pixels, new_size, filter_name)


@pytest.mark.parametrize("filter_name", FILTERS)
def test_random_sizes(tool, rng, filter_name):
    for _ in range(300):
        width, height = random_side(rng), random_side(rng)
        new_size = (random_side(rng), random_side(rng))
        for pixels in random_pictures(rng, width, height):
            check(tool, pixels, new_size, filter_name)


@pytest.mark.parametrize("filter_name", FILTERS)
def test_every_small_size(tool, rng, filter_name):
    for side in range(1, 20):
        pixels = rng.integers(0, 256, (side, side, 3), dtype=np.uint8)
        for new_side in range(1, 40):
            check(tool, pixels, (new_side, new_side), filter_name)
