# SPDX-License-Identifier: Apache-2.0
"""The one exception that commands report as a line instead of a traceback."""


class ModelsError(Exception):
    """Something outside this package is wrong; the message says what and where."""
