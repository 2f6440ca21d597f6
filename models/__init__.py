# SPDX-License-Identifier: Apache-2.0
"""The catalog of networks, and the converters that make their ONNX files."""
