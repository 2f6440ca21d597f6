# SPDX-License-Identifier: Apache-2.0
"""Measures Synsight in pages beside other engines, prints tables and writes them."""

import argparse
import json
import sys
from pathlib import Path

from models.errors import ModelsError
from models.files import write_file
from tests.benchmarks import machine
from tests.benchmarks.programs import BenchmarkError
from tests.benchmarks.web import cold, engines, memory, speed


def parse():
    """The command line as a namespace."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.web", description=__doc__
    )
    default = Path("build/bench-web.json")
    parser.add_argument("--output", metavar="FILE", type=Path, default=default)
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument(
        "--network",
        metavar="NAME",
        choices=speed.NETWORKS,
        action="append",
        help=f"one of {', '.join(speed.NETWORKS)}; may be repeated",
    )
    parser.add_argument(
        "--browser",
        choices=engines.BROWSERS,
        action="append",
        help="by default all that are installed",
    )
    return parser.parse_args()


def main():
    """Returns 1 where something could not be measured."""
    arguments = parse()
    browsers = arguments.browser or engines.installed_browsers()
    try:
        if not Path("web/dist/index.js").is_file():
            raise BenchmarkError("there is no web/dist; do: make web")
        if not browsers:
            raise BenchmarkError("there is no browser: apt-get install chromium")
        about = machine.computer() | {"packages": engines.versions()}
        print(machine.sentence(about), end="\n\n")
        engines.bundle()
        tables, num_failed = measure(browsers, arguments)
        results = {"machine": about, "is_quick": arguments.quick, "tables": tables}
        write_file(arguments.output, [json.dumps(results, indent=2).encode() + b"\n"])
    except (BenchmarkError, ModelsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"written: {arguments.output}")
    return 1 if num_failed else 0


def measure(browsers, arguments):
    """Prints each table once it is there.

    Returns {browser: {name: table for json}} and how many could not be measured.
    """
    names, is_quick = arguments.network or speed.NETWORKS, arguments.quick
    measurements = [
        lambda browser: speed.measure(browser, names, is_quick),
        lambda browser: memory.measure(browser, names),
        lambda browser: cold.measure(browser, is_quick),
    ]
    tables = {browser: {} for browser in browsers}
    num_failed = 0
    for browser in browsers:
        for measurement in measurements:
            try:
                made = measurement(browser)
            except BenchmarkError as error:
                print(f"error: {browser}: {error}\n", file=sys.stderr, flush=True)
                num_failed += 1
                continue
            for key, table in made.items():
                print(table.markdown(), flush=True)
                tables[browser][key] = table.json()
                num_failed += sum(len(row.get("errors", {})) for row in table.rows)
    return tables, num_failed


if __name__ == "__main__":
    sys.exit(main())
