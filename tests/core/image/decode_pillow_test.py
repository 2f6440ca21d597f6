# SPDX-License-Identifier: Apache-2.0
"""Decoding gives Pillow's pixels: exif_transpose, then convert("RGB")."""

import io
import os
import pathlib
import struct

import numpy as np
import pytest
from encoders import encode_bmp, encode_gif, encode_png, pad_rows, png_chunk
from image_tool import ToolError
from PIL import Image, ImageOps

SIZES = [(1, 1), (2, 3), (7, 5), (16, 16), (33, 18)]


def save(image, **options):
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


def pillow(encoded):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(encoded)))
    return np.asarray(image.convert("RGB"))


def check(tool, encoded, wanted=None):
    found, _, _ = tool.decode(encoded)
    np.testing.assert_array_equal(found, pillow(encoded) if wanted is None else wanted)


def noise(rng, size, channels=3, levels=256):
    shape = (size[1], size[0], channels)
    return rng.integers(0, levels, shape, dtype=np.uint16)


def photograph(size):
    """Waves in all directions and colours."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]]
    waves = [np.sin(x / 7 + y / 31), np.cos(y / 5), np.sin((x + y) / 13)]
    return Image.fromarray((127 + 120 * np.stack(waves, -1)).astype(np.uint8))


def stored_as(picture, orientation):
    """The upright picture as a camera with that EXIF orientation stores it."""
    methods = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    method = methods.get(orientation)
    return picture if method is None else picture.transpose(method)


# PNG


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    "color_type, channels, depth",
    [(0, 1, 1), (0, 1, 2), (0, 1, 4), (0, 1, 8), (2, 3, 8), (4, 2, 8), (6, 4, 8)]
    + [(2, 3, 16), (6, 4, 16)],
)
def test_png(tool, rng, color_type, channels, depth, interlaced):
    for size in SIZES:
        samples = noise(rng, size, channels, 1 << depth)
        check(tool, encode_png(samples, depth, color_type, interlaced))


@pytest.mark.parametrize("channels, color_type", [(1, 0), (2, 4)])
def test_png_16_bit_grey_keeps_its_upper_bits(tool, rng, channels, color_type):
    samples = noise(rng, (9, 4), channels, 1 << 16)
    wanted = np.repeat(samples[:, :, :1] >> 8, 3, axis=2).astype(np.uint8)
    check(tool, encode_png(samples, 16, color_type), wanted)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("transparency", [False, True])
def test_png_palette(tool, rng, depth, transparency, interlaced):
    for size in SIZES:
        palette = rng.bytes(3 << depth)
        extra = [(b"PLTE", palette)]
        if transparency:
            extra.append((b"tRNS", rng.bytes(1 << depth)))
        samples = noise(rng, size, 1, 1 << depth)
        check(tool, encode_png(samples, depth, 3, interlaced, extra))


def test_png_transparent_colour_is_kept(tool, rng):
    grey = encode_png(noise(rng, (9, 9), 1), 8, 0, extra=[(b"tRNS", b"\0\x07")])
    check(tool, grey)
    rgb = encode_png(noise(rng, (9, 9)), 8, 2, extra=[(b"tRNS", b"\0\1\0\2\0\3")])
    check(tool, rgb)


def test_png_palette_index_out_of_range_is_black(tool):
    samples = np.array([[[0], [1], [2], [255]]])
    encoded = encode_png(samples, 8, 3, extra=[(b"PLTE", bytes([9, 8, 7, 6, 5, 4]))])
    check(tool, encoded, np.array([[[9, 8, 7], [6, 5, 4], [0, 0, 0], [0, 0, 0]]]))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_png_written_by_pillow(tool, mode):
    check(tool, save(photograph((51, 37)).convert(mode), format="PNG"))


# JPEG


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("size", [*SIZES, (20, 1), (1, 20), (150, 121)])
def test_jpeg(tool, size, subsampling, progressive):
    options = {"format": "JPEG", "subsampling": subsampling, "progressive": progressive}
    for quality in (20, 75, 98):
        check(tool, save(photograph(size), quality=quality, **options))
    check(tool, save(photograph(size), optimize=True, **options))
    check(tool, save(photograph(size), restart_marker_blocks=2, **options))


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:0"])
def test_jpeg_of_noise(tool, rng, subsampling):
    picture = Image.fromarray(noise(rng, (64, 48)).astype(np.uint8))
    for quality in (50, 100):
        options = {"quality": quality, "subsampling": subsampling}
        check(tool, save(picture, format="JPEG", **options))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_jpeg_modes(tool, mode):
    for size in SIZES:
        check(tool, save(photograph(size).convert(mode), format="JPEG", quality=90))


def test_jpeg_stored_as_rgb(tool):
    check(tool, save(photograph((50, 40)), format="JPEG", keep_rgb=True))


def without_segment(jpeg, marker):
    start = jpeg.index(bytes([0xFF, marker]))
    (length,) = struct.unpack(">H", jpeg[start + 2 : start + 4])
    return jpeg[:start] + jpeg[start + 2 + length :]


def test_jpeg_without_jfif_or_adobe_segments(tool):
    check(tool, without_segment(save(photograph((50, 40)), format="JPEG"), 0xE0))
    cmyk = save(photograph((50, 40)).convert("CMYK"), format="JPEG")
    check(tool, without_segment(cmyk, 0xEE))


def test_jpeg_ycck(tool):
    """A CMYK JPEG that Adobe's segment declares as YCCK: other colours, same samples."""
    cmyk = bytearray(save(photograph((50, 40)).convert("CMYK"), format="JPEG"))
    cmyk[cmyk.index(b"Adobe") + 11] = 2
    check(tool, bytes(cmyk))


@pytest.mark.parametrize(
    "written, luma, claimed", [("4:2:2", 0x21, 0x12), ("4:2:0", 0x22, 0x41)]
)
def test_jpeg_rare_subsampling(tool, written, luma, claimed):
    """4:4:0 and 4:1:1: Pillow's own with as many blocks, but otherwise arranged."""
    for size in ((64, 64), (61, 61)):  # square, or the numbers of blocks would differ
        jpeg = bytearray(save(photograph(size), format="JPEG", subsampling=written))
        frame = jpeg.index(b"\xff\xc0")
        assert jpeg[frame + 11] == luma
        jpeg[frame + 11] = claimed
        check(tool, bytes(jpeg))


# EXIF


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_exif_orientation(tool, orientation, format_name):
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = photograph((40, 24))
    stored = stored_as(upright, orientation)
    encoded = save(stored, format=format_name, exif=exif)
    check(tool, encoded)
    found, _, said = tool.decode(encoded)
    assert said == (orientation if 1 <= orientation <= 8 else 1)
    if format_name == "PNG":
        np.testing.assert_array_equal(found, np.asarray(upright))


@pytest.mark.parametrize("byte_order", [">", "<"])
@pytest.mark.parametrize("kind", [3, 4])
def test_exif_byte_orders_and_types(tool, byte_order, kind):
    value = struct.pack(
        byte_order + ("HH" if kind == 3 else "I"), 6, *[0] * (kind == 3)
    )
    head = b"MM" if byte_order == ">" else b"II"
    tiff = head + struct.pack(byte_order + "HIH", 42, 8, 2)
    tiff += struct.pack(byte_order + "HHI4s", 0x010F, 2, 2, b"x\0\0\0")
    tiff += struct.pack(byte_order + "HHI", 0x0112, kind, 1) + value + b"\0\0\0\0"
    check(tool, save(photograph((40, 24)), format="JPEG", exif=b"Exif\0\0" + tiff))


@pytest.mark.parametrize(
    "tiff",
    [
        b"",
        b"II*\0",
        b"II*\0\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + b"\x12\x01\x03\0\x01\0\0\0",
        b"XX*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",
    ],
)
def test_damaged_exif_is_ignored(tool, tiff):
    picture = photograph((40, 24))
    encoded = save(picture, format="PNG")
    end = encoded.index(b"IEND") - 4
    encoded = encoded[:end] + png_chunk(b"eXIf", tiff) + encoded[end:]
    found, _, orientation = tool.decode(encoded)
    np.testing.assert_array_equal(found, np.asarray(picture))
    assert orientation == 1


# BMP


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_bmp_written_by_pillow(tool, mode):
    for size in SIZES:
        check(tool, save(photograph(size).convert(mode), format="BMP"))


@pytest.mark.parametrize("core", [False, True])
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_bmp_palette(tool, rng, bits, core):
    for width, height in SIZES:
        palette = rng.integers(0, 256, (1 << bits, 3)).tolist()
        rows = [rng.bytes((width * bits + 7) // 8) for _ in range(height)]
        check(
            tool,
            encode_bmp(
                (width, height), bits, pad_rows(rows), palette=palette, core=core
            ),
        )


@pytest.mark.parametrize("bits, bytes_a_pixel", [(16, 2), (24, 3), (32, 4)])
@pytest.mark.parametrize("top_down", [False, True])
def test_bmp_raw(tool, rng, bits, bytes_a_pixel, top_down):
    for width, height in SIZES:
        rows = [rng.bytes(width * bytes_a_pixel) for _ in range(height)]
        size = (width, -height if top_down else height)
        check(tool, encode_bmp(size, bits, pad_rows(rows)))


@pytest.mark.parametrize(
    "bits, masks",
    [
        (16, (0xF800, 0x7E0, 0x1F)),
        (16, (0x7C00, 0x3E0, 0x1F)),
        (32, (0xFF0000, 0xFF00, 0xFF)),
        (32, (0xFF000000, 0xFF0000, 0xFF00)),
        (32, (0, 0, 0)),
    ],
)
def test_bmp_bit_fields(tool, rng, bits, masks):
    width, height = 13, 6
    rows = [rng.bytes(width * bits // 8) for _ in range(height)]
    check(tool, encode_bmp((width, height), bits, pad_rows(rows), 3, masks=masks))


def test_bmp_run_lengths(tool, rng):
    palette = rng.integers(0, 256, (256, 3)).tolist()
    rle8 = bytes([3, 7, 0, 3, 1, 2, 3, 0, 2, 9, 0, 0])  # 3 x 7; 1, 2, 3; 2 x 9; row
    rle8 += bytes([0, 2, 2, 0, 6, 200, 0, 0])  # 2 to the right; 6 x 200; row
    rle8 += bytes([8, 5, 0, 0, 0, 1])
    check(tool, encode_bmp((8, 3), 8, rle8, 1, palette=palette))
    rle4 = bytes([5, 0x12, 0, 3, 0x34, 0x50, 0, 0]) + bytes([8, 0xAB, 0, 1])
    check(tool, encode_bmp((8, 2), 4, rle4, 2, palette=palette[:16]))


def test_bmp_of_a_short_palette(tool, rng):
    palette = [[10, 20, 30], [40, 50, 60]]
    encoded = encode_bmp((4, 1), 8, bytes([0, 1, 2, 255]), palette=palette)
    check(tool, encoded)


# GIF


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("root_bits", [1, 2, 4, 8])
@pytest.mark.parametrize("transparent", [None, 1])
def test_gif(tool, rng, root_bits, interlaced, transparent):
    for width, height in [*SIZES, (5, 40)]:
        palette = rng.integers(0, 256, (1 << root_bits, 3))
        indices = rng.integers(0, 1 << root_bits, width * height)
        encoded = encode_gif(
            (width, height),
            (0, 0, width, height),
            indices,
            palette,
            transparent,
            root_bits=root_bits,
            interlaced=interlaced,
        )
        check(tool, encoded)


@pytest.mark.parametrize("transparent", [None, 5])
@pytest.mark.parametrize("frame", [(2, 1, 4, 3), (8, 0, 9, 3), (0, 7, 4, 20)])
def test_gif_frame_off_the_screen(tool, rng, frame, transparent):
    palette = rng.integers(0, 256, (256, 3))
    indices = rng.integers(0, 256, frame[2] * frame[3])
    check(tool, encode_gif((10, 8), frame, indices, palette, transparent))


def test_gif_palettes(tool, rng):
    indices = rng.integers(0, 256, 20)
    screen, frame = (5, 4), (0, 0, 5, 4)
    palettes = rng.integers(0, 256, (2, 256, 3))
    check(tool, encode_gif(screen, frame, indices))
    check(tool, encode_gif(screen, frame, indices, local_palette=palettes[0]))
    both = encode_gif(
        screen, frame, indices, palettes[0], local_palette=palettes[1], transparent=3
    )
    check(tool, both)


def test_gif_written_by_pillow(tool):
    frames = [photograph(size) for size in ((90, 70), (90, 70))]
    for options in ({}, {"interlace": 0}, {"transparency": 3}):
        encoded = save(frames[0].convert("P"), format="GIF", **options)
        check(tool, encoded)
    check(tool, save(frames[0], format="GIF", save_all=True, append_images=frames[1:]))


# Damage


def small_files(rng):
    picture = photograph((24, 18))
    samples = noise(rng, (9, 7))
    palette = rng.integers(0, 256, (256, 3))
    indices = rng.integers(0, 256, 63)
    return {
        "baseline.jpg": save(picture, format="JPEG"),
        "progressive.jpg": save(picture, format="JPEG", progressive=True),
        "rgb.png": encode_png(samples, 8, 2, interlaced=True),
        "palette.png": save(picture.convert("P"), format="PNG"),
        "rgb.bmp": save(picture, format="BMP"),
        "palette.bmp": save(picture.convert("P"), format="BMP"),
        "screen.gif": encode_gif((9, 7), (0, 0, 9, 7), indices, palette),
    }


def test_every_truncated_file_is_an_error(tool, rng):
    for name, encoded in small_files(rng).items():
        tool.decode(encoded)
        # A GIF's terminator and trailer follow its last pixel; Pillow needs neither.
        end = len(encoded) - (4 if name.endswith(".gif") else 0)
        for length in range(end):
            with pytest.raises(ToolError) as caught:
                tool.decode(encoded[:length])
            assert caught.value.code == "invalid_image", (name, length)


@pytest.mark.parametrize(
    "encoded, named",
    [
        (b"", "an empty file"),
        (b"hello\n", "text"),
        (b"BM is how this text begins", "text"),
        (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a HEIC picture"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "an AVIF picture"),
        (b"II*\0\x08\0\0\0", "a TIFF picture"),
        (b"\x01\x02\x03", "not a picture of a known format"),
    ],
)
def test_other_formats_are_named(tool, encoded, named):
    with pytest.raises(ToolError) as caught:
        tool.decode(encoded)
    assert caught.value.code == "invalid_image"
    assert f"this is {named}; JPEG, PNG, BMP and GIF are supported" in str(caught.value)


def test_too_many_pixels_are_refused_from_the_header(tool):
    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    png = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
    bmp = encode_bmp((60000, 60000), 24, b"")
    gif = encode_gif((60000, 60000), (0, 0, 60000, 60000), [])
    jpeg = b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, 60000, 60000, 1)
    for encoded in (png, bmp, gif, jpeg + b"\1\x11\0"):
        with pytest.raises(ToolError, match="3600000000 pixels, at most 178956970"):
            tool.decode(encoded)
    small = save(photograph((24, 18)), format="PNG")
    with pytest.raises(ToolError, match="432 pixels, at most 431"):
        tool.decode(small, max_pixels=431)
    tool.decode(small, max_pixels=432)


# Photographs


def photographs():
    folder = os.environ.get("TEST_DATA")
    root = pathlib.Path(__file__).resolve().parents[3]
    folder = pathlib.Path(folder) if folder else root.parent / "shared" / "data"
    return sorted((folder / "images").glob("imagenet-*/*.[Jj][Pp]*[Gg]"))


def test_photographs(tool):
    paths = photographs()
    if not paths:
        pytest.skip("the test data folder has no photographs")
    for path in paths:
        check(tool, path.read_bytes())
