# SPDX-License-Identifier: Apache-2.0
"""The networks that can be had, from catalog.json beside this file."""

import json
from pathlib import Path

from models.errors import ModelsError

CATALOG_FILE = Path(__file__).with_name("catalog.json")
FOLDER = Path("build/models")  # of the converted networks
WEIGHTS = ("f32", "f16", "int8")  # as what a file may hold a network's weights


def load():
    """All entries of the catalog: dictionaries, in the order of the file."""
    return json.loads(CATALOG_FILE.read_text(encoding="ascii"))["models"]


def find(name):
    """The entry called `name`; ModelsError, with the names there are, where none is."""
    entries = {entry["name"]: entry for entry in load()}
    if name not in entries:
        names = ", ".join(entries)
        raise ModelsError(f"no model is called {name!r}; there are {names}")
    return entries[name]


def default_file(name, weights="f32"):
    """Where the converted model `name` lies unless somebody says otherwise."""
    kind = "" if weights == "f32" else f"-{weights}"
    return FOLDER / f"{name}{kind}.onnx"


def measured(entry, weights="f32"):
    """{"top1", "top5"}: photographs of 100 that the network names with such weights."""
    found = entry["measured"]
    return found if weights == "f32" else found["weights"][weights]


def metadata(entry):
    """The metadata_props, {key: text}, by which the ONNX file says how to feed it."""
    feeding = {key: value for key, value in entry["input"].items() if key != "size"}
    about = {key: entry[key] for key in ("classes", "source", "licence")}
    return {f"synsight.{key}": value for key, value in (feeding | about).items()}
