# SPDX-License-Identifier: Apache-2.0
"""Asks the test program image_tool, whose path is in the environment."""

import os
import subprocess

import numpy as np


class ToolError(Exception):
    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class ImageTool:
    def __init__(self):
        self._process = subprocess.Popen(
            [os.environ["IMAGE_TOOL"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def close(self):
        self._process.stdin.close()
        assert self._process.wait() == 0

    def _ask(self, words, payload):
        line = " ".join(str(word) for word in [*words, len(payload)])
        self._process.stdin.write(line.encode() + b"\n" + payload)
        self._process.stdin.flush()
        answer = self._process.stdout.readline().decode().rstrip("\n").split(" ")
        assert answer != [""], f"image_tool died on: {line}"
        if answer[0] != "ok":
            raise ToolError(answer[1], " ".join(answer[2:]))
        return answer[1:-1], self._process.stdout.read(int(answer[-1]))

    def decode(self, encoded, max_pixels=178_956_970):
        """RGB pixels [height, width, 3], the format and the EXIF orientation."""
        words, pixels = self._ask(["decode", max_pixels], encoded)
        width, height = int(words[0]), int(words[1])
        shape = (height, width, 3)
        return np.frombuffer(pixels, np.uint8).reshape(shape), words[2], int(words[3])

    def resize(self, pixels, size, filter_name):
        height, width, _ = pixels.shape
        words = ["resize", width, height, *size, filter_name]
        (new_width, new_height), resized = self._ask(words, pixels.tobytes())
        shape = (int(new_height), int(new_width), 3)
        return np.frombuffer(resized, np.uint8).reshape(shape)

    def preprocess(self, pixels, layout="NCHW", preset="-", size=0, **fields):
        height, width, _ = pixels.shape
        words = ["preprocess", width, height, layout, preset, size]
        words += [f"{key}={value}".replace(" ", "_") for key, value in fields.items()]
        shape, elements = self._ask(words, pixels.tobytes())
        return np.frombuffer(elements, np.float32).reshape([int(n) for n in shape])
