# SPDX-License-Identifier: Apache-2.0
"""Measures Synsight against its goals, prints the tables and writes them as json."""

import argparse
import json
import sys
from pathlib import Path

from models.errors import ModelsError
from models.files import write_file
from tests.benchmarks import accuracy, agreement, machine, memory, speed, whole_process
from tests.benchmarks.programs import BenchmarkError, Skipped

MEASUREMENTS = {
    "speed": speed.measure,
    "process": whole_process.measure_process,
    "prepare": whole_process.measure_preparing,
    "memory": memory.measure,
    "accuracy": accuracy.measure,
    "agreement": agreement.measure,
}
NOT_HERE = (
    "Not measured here: `make test` runs all tests under ASan and UBSan, with every "
    "truncation and one-byte change of small files; `make fuzz` runs libFuzzer."
)


def parse():
    """The command line as a namespace."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__
    )
    default = Path("build/bench.json")
    parser.add_argument("--output", metavar="FILE", type=Path, default=default)
    parser.add_argument(
        "--quick", action="store_true", help="fewer rounds and networks"
    )
    parser.add_argument(
        "--only",
        metavar="TABLE",
        choices=MEASUREMENTS,
        action="append",
        help=f"one of {', '.join(MEASUREMENTS)}; may be repeated",
    )
    return parser.parse_args()


def main():
    """Returns 1 where something could not be measured; a goal may be missed."""
    arguments = parse()
    try:
        about = machine.describe()
        print(machine.sentence(about), end="\n\n")
        tables, num_failed = measure(arguments.only or MEASUREMENTS, arguments.quick)
        print(NOT_HERE)
        results = {"machine": about, "is_quick": arguments.quick, "tables": tables}
        write_file(arguments.output, [json.dumps(results, indent=2).encode() + b"\n"])
    except (BenchmarkError, ModelsError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"written: {arguments.output}")
    return 1 if num_failed else 0


def measure(names, is_quick):
    """Prints each table once it is there.

    Returns {name: table for json} and how many could not be measured.
    """
    tables = {}
    num_failed = 0
    for name in names:
        try:
            table = MEASUREMENTS[name](is_quick)
        except Skipped as reason:
            print(f"{name} is skipped: {reason}\n", flush=True)
            tables[name] = {"skipped": str(reason)}
        except BenchmarkError as error:
            print(f"error: {name}: {error}\n", file=sys.stderr, flush=True)
            num_failed += 1
        else:
            print(table.markdown(), flush=True)
            tables[name] = table.json()
    return tables, num_failed


if __name__ == "__main__":
    sys.exit(main())
