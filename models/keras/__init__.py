# SPDX-License-Identifier: Apache-2.0
"""From Keras's layers to an ONNX graph, one file a family of layers."""
