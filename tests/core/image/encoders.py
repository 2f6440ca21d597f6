# SPDX-License-Identifier: Apache-2.0
"""Small encoders for what Pillow reads but does not write."""

import struct
import zlib

import numpy as np

# First column and row and steps of the passes of an interlaced PNG.
ADAM7 = [
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
]


def png_chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _pack_samples(row, depth):
    """The samples of a row, [width * channels], as bytes."""
    if depth == 16:
        return row.astype(">u2").tobytes()
    if depth == 8:
        return row.astype(np.uint8).tobytes()
    bits = "".join(format(int(sample), f"0{depth}b") for sample in row)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def _filter_row(kind, row, above, distance):
    """A row filtered as PNG's filter types 0 to 4 say; `distance` bytes a pixel."""
    filtered = bytearray()
    for i, value in enumerate(row):
        left = row[i - distance] if i >= distance else 0
        up = above[i]
        corner = above[i - distance] if i >= distance else 0
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda candidate: abs(guess - candidate))
        prediction = (0, left, up, (left + up) // 2, paeth)[kind]
        filtered.append((value - prediction) % 256)
    return bytes([kind]) + bytes(filtered)


def _filter_rows(samples, depth, channels):
    distance = max(1, depth * channels // 8)
    above = None
    filtered = b""
    for y, samples_row in enumerate(samples):
        row = _pack_samples(samples_row.reshape(-1), depth)
        filtered += _filter_row(y % 5, row, above or bytes(len(row)), distance)
        above = row
    return filtered


def encode_png(samples, depth, color_type, interlaced=False, extra=()):
    """`samples`: [height, width, channels]; `extra`: chunks before the image data."""
    height, width, channels = samples.shape
    parts = [samples]
    if interlaced:
        parts = [samples[y0::dy, x0::dx] for x0, y0, dx, dy in ADAM7]
    data = b"".join(
        _filter_rows(part, depth, channels) for part in parts if part.size > 0
    )
    header = struct.pack(
        ">IIBBBBB", width, height, depth, color_type, 0, 0, int(interlaced)
    )
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def encode_bmp(size, bits, data, compression=0, palette=(), masks=(), core=False):
    """`data`: the pixel bytes as they stand in the file; a negative height: top down."""
    width, height = size
    entry_bytes = 3 if core else 4
    colors = b"".join(bytes([b, g, r, 0])[:entry_bytes] for r, g, b in palette)
    fields = b"".join(struct.pack("<I", mask) for mask in masks)
    if core:
        header = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        header = struct.pack(
            "<IiiHHIIiiII",
            *(40, width, height, 1, bits, compression),
            *(len(data), 2835, 2835, len(palette), 0),
        )
    offset = 14 + len(header) + len(fields) + len(colors)
    size_bytes = offset + len(data)
    file_header = b"BM" + struct.pack("<IHHI", size_bytes, 0, 0, offset)
    return file_header + header + fields + colors + data


def pad_rows(rows):
    """Rows of a BMP, each padded to four bytes."""
    return b"".join(row + bytes(-len(row) % 4) for row in rows)


def encode_gif(screen, frame, indices, palette=None, transparent=None, **options):
    """`frame`: (x, y, width, height) on the screen (width, height). The codes are not
    compressed: a clear code comes before the table can grow by a bit."""
    root_bits = options.get("root_bits", 8)
    interlaced = options.get("interlaced", False)
    local = options.get("local_palette")
    size_flag = 0x80 | (root_bits - 1)
    parts = [b"GIF89a", struct.pack("<HH", *screen)]
    parts.append(bytes([size_flag if palette is not None else 0, 3, 0]))
    if palette is not None:
        parts.append(np.asarray(palette, np.uint8).tobytes())
    parts.append(b"!\xfe\x05hello\x00")
    if transparent is not None:
        parts.append(b"!\xf9\x04\x01\x00\x00" + bytes([transparent]) + b"\x00")
    flags = (0x40 if interlaced else 0) | (size_flag if local is not None else 0)
    parts.append(b"," + struct.pack("<HHHH", *frame) + bytes([flags]))
    if local is not None:
        parts.append(np.asarray(local, np.uint8).tobytes())
    parts.append(bytes([root_bits]) + _gif_blocks(indices, root_bits) + b";")
    return b"".join(parts)


def _gif_blocks(indices, root_bits):
    clear = 1 << root_bits
    codes = []
    for i, index in enumerate(indices):
        if i % (clear - 2 if clear > 2 else 1) == 0:
            codes.append(clear)
        codes.append(int(index))
    codes.append(clear + 1)
    value = sum(code << (i * (root_bits + 1)) for i, code in enumerate(codes))
    num_bytes = (len(codes) * (root_bits + 1) + 7) // 8
    data = value.to_bytes(num_bytes, "little")
    blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"".join(bytes([len(block)]) + block for block in blocks) + b"\x00"
