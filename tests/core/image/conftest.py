# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from image_tool import ImageTool


@pytest.fixture(scope="session")
def tool():
    tool = ImageTool()
    yield tool
    tool.close()


@pytest.fixture
def rng():
    return np.random.default_rng(20260101)
