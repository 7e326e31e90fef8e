"""Writes image.png: 40 by 40 pixels, the left half (30, 60, 90), the right half transparent."""

import struct
import zlib

SIZE = 40


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


row = b"\0" + bytes([30, 60, 90, 255]) * (SIZE // 2) + bytes(4) * (SIZE // 2)
with open("image.png", "wb") as image:
    image.write(b"\x89PNG\r\n\x1a\n")
    image.write(chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)))
    image.write(chunk(b"IDAT", zlib.compress(row * SIZE, 9)))
    image.write(chunk(b"IEND", b""))
