"""A second implementation of the five checksums of S3. Two of them are not in Python's standard library."""

import base64
import hashlib
import zlib

ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]


def _table(polynomial):
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (polynomial if byte & 1 else 0)
        table.append(byte)
    return table


_CRC32C = _table(0x82F63B78)
_CRC64NVME = _table(0x9A6C9329AC4BC9B5)


def _crc(data, table, bits):
    ones = (1 << bits) - 1
    value = ones
    for byte in data:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    return (value ^ ones).to_bytes(bits // 8, "big")


def crc64_nvme(data):
    """Returns the eight bytes of the checksum, big endian."""
    return _crc(data, _CRC64NVME, 64)


def checksum(algorithm, data):
    """Returns the value of the checksum header: base64 of the bytes, big endian."""
    value = {
        "CRC32": lambda: zlib.crc32(data).to_bytes(4, "big"),
        "CRC32C": lambda: _crc(data, _CRC32C, 32),
        "CRC64NVME": lambda: _crc(data, _CRC64NVME, 64),
        "SHA1": lambda: hashlib.sha1(data).digest(),
        "SHA256": lambda: hashlib.sha256(data).digest(),
    }[algorithm]()
    return base64.b64encode(value).decode()


def header(algorithm):
    return f"x-amz-checksum-{algorithm.lower()}"
