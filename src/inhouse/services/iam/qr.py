"""QR codes of short texts, as PNG: byte mode, error correction L, versions 1 to 20.

https://www.iso.org/standard/83389.html (ISO/IEC 18004). One mask for all: readers undo any.
"""

from __future__ import annotations

import struct
import zlib

_CHECKS = (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28)
"""Error correction bytes of a block, by version."""
_BLOCKS = (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8)
_FORMAT = 0b111011111000100
"""Level L and mask 0, with their error correction."""
_PIXELS, _QUIET = 4, 4

Grid = list[list[bool | None]]


def png(data: bytes) -> bytes:
    """The picture of a QR code of `data`. Raises ValueError for more than 858 bytes."""
    version = next((v for v in range(1, 21) if len(data) <= _room(v)), None)
    if version is None:
        raise ValueError(f"{len(data)} bytes are too many for a QR code here")
    grid = _patterns(version)
    _fill(grid, _interleaved(_codewords(data, version), version))
    return _picture(grid)


def _modules(version: int) -> int:
    """Modules left for data and error correction."""
    total = (16 * version + 128) * version + 64
    if version >= 2:
        across = version // 7 + 2
        total -= (25 * across - 10) * across - 55
    return total - 36 if version >= 7 else total


def _data_bytes(version: int) -> int:
    return _modules(version) // 8 - _CHECKS[version - 1] * _BLOCKS[version - 1]


def _room(version: int) -> int:
    return _data_bytes(version) - (2 if version < 10 else 3)


def _codewords(data: bytes, version: int) -> bytes:
    """Mode, length and data, filled up to what the version holds."""
    size = _data_bytes(version)
    count = 8 if version < 10 else 16
    number = ((4 << count) | len(data)) << (8 * len(data)) | int.from_bytes(data, "big")
    bits = 4 + count + 8 * len(data) + 4
    filled = (number << 4).to_bytes(bits // 8, "big")
    return filled + (b"\xec\x11" * size)[: size - len(filled)]


def _interleaved(data: bytes, version: int) -> bytes:
    checks, blocks = _CHECKS[version - 1], _BLOCKS[version - 1]
    short, longer = divmod(len(data), blocks)
    parts: list[bytes] = []
    at = 0
    for number in range(blocks):
        size = short + (number >= blocks - longer)
        parts.append(data[at : at + size])
        at += size
    divisor = _divisor(checks)
    ends = [_remainder(part, divisor) for part in parts]
    columns = [part[i] for i in range(short + 1) for part in parts if i < len(part)]
    return bytes(columns + [end[i] for i in range(checks) for end in ends])


def _times(x: int, y: int) -> int:
    """The product in GF(2^8/0x11D)."""
    z = 0
    for bit in range(7, -1, -1):
        z = (z << 1) ^ ((z >> 7) * 0x11D) ^ ((y >> bit & 1) * x)
    return z


def _divisor(degree: int) -> list[int]:
    """The Reed-Solomon polynomial of a degree, without its leading 1."""
    result, root = [0] * (degree - 1) + [1], 1
    for _ in range(degree):
        products = [_times(one, root) for one in result]
        result = [a ^ b for a, b in zip(products, [*result[1:], 0], strict=True)]
        root = _times(root, 2)
    return result


def _remainder(data: bytes, divisor: list[int]) -> list[int]:
    result = [0] * len(divisor)
    for byte in data:
        factor = byte ^ result[0]
        shifted = [*result[1:], 0]
        result = [a ^ _times(b, factor) for a, b in zip(shifted, divisor, strict=True)]
    return result


def _patterns(version: int) -> Grid:
    """All that is in every code of a version; None where data goes."""
    size = 4 * version + 17
    grid: Grid = [[None] * size for _ in range(size)]
    for i in range(size):
        grid[6][i] = grid[i][6] = i % 2 == 0
    for row, column in ((3, 3), (3, size - 4), (size - 4, 3)):
        _square(grid, row, column, 4, dark=(0, 1, 3))
    centres = _alignments(version)
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    for row in centres:
        for column in centres:
            if (row, column) not in corners:
                _square(grid, row, column, 2, dark=(0, 2))
    _formats(grid, size)
    if version >= 7:
        _versions(grid, size, version)
    return grid


def _square(grid: Grid, row: int, column: int, reach: int, *, dark: tuple[int, ...]) -> None:
    for y in range(max(row - reach, 0), min(row + reach + 1, len(grid))):
        for x in range(max(column - reach, 0), min(column + reach + 1, len(grid))):
            grid[y][x] = max(abs(y - row), abs(x - column)) in dark


def _alignments(version: int) -> list[int]:
    if version == 1:
        return []
    across = version // 7 + 2
    step = (version * 8 + across * 3 + 5) // (across * 4 - 4) * 2
    return [6, *sorted(version * 4 + 10 - i * step for i in range(across - 1))]


def _formats(grid: Grid, size: int) -> None:
    bits = [bool(_FORMAT >> i & 1) for i in range(15)]
    around = [(i, 8) for i in range(6)] + [(7, 8), (8, 8), (8, 7)]
    around += [(8, 14 - i) for i in range(9, 15)]
    apart = [(8, size - 1 - i) for i in range(8)] + [(size - 15 + i, 8) for i in range(8, 15)]
    for places in (around, apart):
        for bit, (row, column) in zip(bits, places, strict=True):
            grid[row][column] = bit
    grid[size - 8][8] = True


def _versions(grid: Grid, size: int, version: int) -> None:
    rest = version
    for _ in range(12):
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25)
    bits = version << 12 | rest
    for i in range(18):
        row, column = i // 3, size - 11 + i % 3
        grid[row][column] = grid[column][row] = bool(bits >> i & 1)


def _fill(grid: Grid, data: bytes) -> None:
    """Lays the bits in pairs of columns, from the right, up and down, under mask 0."""
    size = len(grid)
    bits = iter("".join(f"{byte:08b}" for byte in data))
    for right in (x - (x <= 6) for x in range(size - 1, 0, -2)):
        upward = (right + 1) & 2 == 0
        for step in range(size):
            row = size - 1 - step if upward else step
            for column in (right, right - 1):
                if grid[row][column] is None:
                    dark = next(bits, "0") == "1"
                    grid[row][column] = dark ^ ((row + column) % 2 == 0)


def _picture(grid: Grid) -> bytes:
    """One bit a pixel, light around it as readers need."""
    width = (len(grid) + 2 * _QUIET) * _PIXELS
    light = b"\0" + b"\xff" * -(-width // 8)
    lines = [light] * (_QUIET * _PIXELS)
    for row in grid:
        modules = [False] * _QUIET + [bool(one) for one in row] + [False] * _QUIET
        text = "".join("0" * _PIXELS if dark else "1" * _PIXELS for dark in modules)
        line = int(text.ljust(8 * len(light) - 8, "1"), 2).to_bytes(len(light) - 1, "big")
        lines += [b"\0" + line] * _PIXELS
    lines += [light] * (_QUIET * _PIXELS)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
