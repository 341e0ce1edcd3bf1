"""Reads the commit log, the mark and the sums of a store: a second reader, written from docs/format-store.md."""

import hmac
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support.checksums import crc64_nvme
from support.second_reader import ZERO_NONCE, expand, extract, must


class CommitLog:
    """The log of a store whose rows were never written to tables."""

    def __init__(self, store):
        """Reads everything. `store` is a `second_reader.Store`."""
        self.prk = extract(bytes(32), store.store_key)
        self.directory = Path(store.directory)
        lines = (self.directory / "format").read_text().splitlines()
        self.origin = b"".join(bytes.fromhex(line.split()[1]) for line in lines[1:3])
        self.rows = {}
        self.head = (0, self.mac("log", b"strongroom log" + self.origin))
        self.heads = dict([self.head])
        segments = sorted((self.directory / "log").iterdir())
        firsts = [self._header(segment) for segment in segments]
        for segment, following in zip(segments, [*firsts[1:], None], strict=True):
            self._groups(segment.read_bytes(), following)

    def mac(self, purpose, data):
        return hmac.digest(expand(self.prk, purpose), data, "sha256")

    def _header(self, segment):
        """Returns the number of the first commit of a segment."""
        data = segment.read_bytes()
        must(data[:8] == b"SRLOG\0\0\x01", "the magic of a segment")
        must(data[8:16].hex() == segment.name, "the ordinal of a segment")
        must(data[16:48] == self.origin, "the store of a segment")
        must(data[88:96] == crc64_nvme(data[:88]), "the checksum of a segment")
        return int.from_bytes(data[48:56], "big")

    def _groups(self, data, following):
        must(int.from_bytes(data[48:56], "big") == self.head[0] + 1, "the first commit of a segment")
        must(data[56:88] == self.head[1], "the chain of a segment")
        at = 96
        while data[at : at + 4] == b"SRG1" and (following is None or self.head[0] + 1 < following):
            head, body = data[at : at + 72], data[at + 72 : at + 72 + int.from_bytes(data[at + 4 : at + 8], "big")]
            must(head[64:] == crc64_nvme(head[:64] + body), "the checksum of a group")
            must(int.from_bytes(head[8:16], "big") == self.head[0] + 1, "the first commit of a group")
            must(head[32:64] == self.mac("log", self.head[1] + head[:32] + body), "the chain of a group")
            self._apply(int.from_bytes(head[24:28], "big"), body)
            self.head = (int.from_bytes(head[16:24], "big"), head[32:64])
            self.heads[self.head[0]] = self.head[1]
            at += 72 + len(body)
        must(not any(data[at:]), "bytes after the last group")

    def _apply(self, count, body):
        at = 0
        for _ in range(count):
            key = int.from_bytes(body[at + 1 : at + 3], "big")
            value = int.from_bytes(body[at + 3 : at + 7], "big")
            name = body[at + 7 : at + 7 + key]
            if body[at]:
                self.rows[name] = body[at + 7 + key : at + 7 + key + value]
            else:
                del self.rows[name]
            at += 7 + key + value
        must(at == len(body), "the length of a group")

    def mark(self):
        """Returns number and chain value of the last acknowledged commit."""
        data = (self.directory / "mark").read_bytes()
        slots = [data[at : at + 104] for at in (0, 4096)]
        genuine = [s for s in slots if s[72:] == self.mac("mark", self.origin + s[:72])]
        must(all(slot[:8] == b"SRMARK\0\x02" for slot in genuine), "the magic of a mark")
        newest = max(genuine, key=lambda slot: slot[8:16])
        return int.from_bytes(newest[16:24], "big"), newest[24:56]

    def partitions(self):
        return {name[1:17] for name in self.rows if name[0] == 0 and name[17:] == b"generation"}

    def stored_sum(self, partition):
        """Returns the number of rows and the hash that the partition's sum contains."""
        key = b"\0" + partition + b"sum"
        note = self.rows[key]
        plain = AESGCM(expand(self.prk, "note", note[1:33])).decrypt(ZERO_NONCE, note[33:], note[:33] + key)
        words = [int.from_bytes(plain[at : at + 8], "big") for at in range(0, 40, 8)]
        return words[0], sum(word << 64 * at for at, word in enumerate(words[1:]))

    def sum_of_rows(self, partition):
        """Computes the same from the rows."""
        count = total = 0
        for name, value in self.rows.items():
            if name[0] > 1 or name[1:17] != partition or (name[0] == 0 and name[17:] == b"sum"):
                continue
            tag = value[-16:]
            count += 1
            total += int.from_bytes(self.mac("tag", bytes([len(tag)]) + tag + name), "little")
        return count, total % (1 << 256)
