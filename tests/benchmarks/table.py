# SPDX-License-Identifier: Apache-2.0
"""A measured table: printed as Markdown, written as json."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """The cells under `key` in each row; those with a format `spec` are numbers."""

    key: str
    title: str
    spec: str = ""

    def text(self, row):
        """The cell as text; a row may leave it out."""
        return format(row[self.key], self.spec) if self.key in row else ""


@dataclass(frozen=True)
class Table:
    """What one part of the benchmarks found. Rows are dictionaries by column's key."""

    title: str
    columns: list[Column]
    rows: list[dict]
    how: str  # how it was measured, in a sentence or two
    goal: str = ""  # empty: none was set
    is_reached: bool | None = None

    def markdown(self):
        """The table with its title, its goal and how it was measured."""
        lines = [[column.title for column in self.columns]]
        lines += [[column.text(row) for column in self.columns] for row in self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
        rules = [
            "-" * (width - 1) + (":" if column.spec else "-")
            for column, width in zip(self.columns, widths, strict=True)
        ]
        lines.insert(1, rules)
        text = [
            f"### {self.title}",
            "",
            *(self._line(cells, widths) for cells in lines),
        ]
        text += ["", self.how]
        if self.goal:
            verdict = "reached" if self.is_reached else "NOT REACHED"
            text.append(f"Goal: {self.goal}: {verdict}.")
        return "\n".join(text) + "\n"

    def _line(self, cells, widths):
        texts = []
        for column, cell, width in zip(self.columns, cells, widths, strict=True):
            texts.append(cell.rjust(width) if column.spec else cell.ljust(width))
        return "| " + " | ".join(texts) + " |"

    def json(self):
        """The same for json; numbers are not rounded."""
        return {
            "title": self.title,
            "columns": {column.key: column.title for column in self.columns},
            "rows": self.rows,
            "how": self.how,
            "goal": self.goal,
            "is_reached": self.is_reached,
        }
