# SPDX-License-Identifier: Apache-2.0
"""Puts the demo page into build/site, as a server would give it, and may serve it.

The page, the package, the samples, and the networks that lie in build/models.
Run it from the project's root: python -m tools.site [--serve PORT]
"""

import argparse
import functools
import hashlib
import http.server
import json
import shutil
from pathlib import Path

from models import catalog

SITE = Path("build/site")
UNKEPT = {".onnx", ".data", ".ts"}  # networks, and types, which no page reads
# The first of the picker is as good as f32, and half the download.
WEIGHTS = ("f16", "int8", "f32")


def copy_files():
    """Everything but the lists that `write_lists` makes; gives the networks."""
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.copytree("web/demo", SITE)
    shutil.copytree("web/dist", SITE / "dist")
    shutil.copytree("build/pictures", SITE / "pictures")
    networks = []
    for entry in catalog.load():
        for weights in WEIGHTS:
            file = catalog.default_file(entry["name"], weights)
            if not file.is_file():
                continue
            measured = catalog.measured(entry, weights)
            networks.append(
                {
                    "file": file.name,
                    "title": entry["title"],
                    "weights": weights,
                    "megabytes": megabytes(file),
                    "top1": measured["top1"],
                    "licence": entry["licence"],
                }
            )
    known = {network["file"] for network in networks}
    for file in sorted(filter(Path.is_file, catalog.FOLDER.iterdir())):
        (SITE / file.name).hardlink_to(file)
        if file.suffix == ".onnx" and file.name not in known:
            network = {"file": file.name, "title": file.stem}
            networks.append(network | {"megabytes": megabytes(file)})
    return networks


def megabytes(file):
    """The size of a file, for people."""
    return round(file.stat().st_size / 1e6, 1)


def write_lists(networks):
    """networks.json for the page's picker, files.js for its service worker.

    The worker keeps all but the networks, of which it keeps those that were used.
    """
    (SITE / "networks.json").write_text(json.dumps(networks, indent=1))
    kept = sorted(
        path.relative_to(SITE).as_posix()
        for path in SITE.rglob("*")
        if path.is_file() and path.suffix not in UNKEPT and path.name != "sw.js"
    )
    digest = hashlib.sha256()
    for name in kept:
        digest.update(name.encode() + b"\0" + (SITE / name).read_bytes())
    lists = {"version": digest.hexdigest()[:16], "files": kept}
    (SITE / "files.js").write_text(f"self.site = {json.dumps(lists)};\n")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files with the types that browsers want, whatever this machine calls them."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }

    def log_message(self, *_):
        """Says nothing of requests."""


def serve(port):
    """Serves build/site on this machine until Ctrl-C."""
    handler = functools.partial(Handler, directory=SITE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print(f"Open http://localhost:{port}/ in a browser; Ctrl-C ends.", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", type=int, metavar="PORT", help="and serve it")
    arguments = parser.parse_args()
    write_lists(copy_files())
    if arguments.serve:
        serve(arguments.serve)


if __name__ == "__main__":
    main()
