"""A stopped store with objects in every mode, and `strongroom unseal` on its files."""

import hashlib
import json
import secrets

from support.raw import b64
from support.second_reader import Keys, Store
from support.server import run

MIB = 1 << 20
BUCKET = "vault"


class Written:
    """A written version: the arguments to read it, and its expected content."""

    def __init__(self, key, content, *, customer_key=None, version=None, metadata=None, mode="SSE-S3", head=None):
        self.key, self.content, self.customer_key, self.version = key, content, customer_key, version
        self.metadata, self.mode, self.head = metadata or {}, mode, head


def modes(customer_key):
    """Returns each mode with its name and boto3's arguments of a PUT."""
    customer = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": customer_key}
    context = json.dumps({"dept": "hr", "ä": "ö"}).encode()
    return {
        "SSE-S3": {},
        "SSE-C": customer,
        "SSE-KMS": {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSEncryptionContext": b64(context),
        },
        "SSE-KMS, bucket key": {"ServerSideEncryption": "aws:kms", "BucketKeyEnabled": True},
    }


def write_all(server):
    """Writes objects in every mode and every storage form."""
    s3, written, key = server.s3(), [], secrets.token_bytes(32)
    s3.create_bucket(Bucket=BUCKET)
    s3.create_bucket(Bucket="empty")

    def note(name, content, mode, **more):
        customer = key if mode == "SSE-C" else None
        read = modes(key)["SSE-C"] if customer else {}
        version = {"VersionId": more["version"]} if "version" in more else {}
        head = s3.head_object(Bucket=BUCKET, Key=name, **read, **version)
        written.append(Written(name, content, customer_key=customer, mode=mode.partition(",")[0], head=head, **more))

    reported = {"ContentType": "text/plain; charset=utf-8", "Metadata": {"owner": "zoe"}, "ChecksumAlgorithm": "SHA256"}
    for mode, given in modes(key).items():
        for form, length in [("empty", 0), ("inline", 1000), ("blob", 3 * MIB + 5)]:
            name, content = f"{mode}/{form} \x01\x02ü", secrets.token_bytes(length)
            s3.put_object(Bucket=BUCKET, Key=name, Body=content, **reported, **given)
            note(name, content, mode, metadata=reported["Metadata"])
        for form, sizes in [("few", [5 * MIB, 70_000]), ("many", [5 * MIB] * 17 + [1])]:
            name, pieces = f"{mode}/multipart {form}", [secrets.token_bytes(size) for size in sizes]
            if form == "many" and mode != "SSE-C":
                continue
            customer = given if mode == "SSE-C" else {}
            upload = s3.create_multipart_upload(Bucket=BUCKET, Key=name, Metadata={"n": "1"}, **given)["UploadId"]
            parts = []
            for number, piece in enumerate(pieces, 1):
                part = s3.upload_part(
                    Bucket=BUCKET, Key=name, UploadId=upload, PartNumber=number, Body=piece, **customer
                )
                parts.append({"PartNumber": number, "ETag": part["ETag"]})
            s3.complete_multipart_upload(Bucket=BUCKET, Key=name, UploadId=upload, MultipartUpload={"Parts": parts})
            note(name, b"".join(pieces), mode, metadata={"n": "1"})
    # A copy onto itself: the same content under another envelope, from each mode to SSE-S3.
    for mode, given in modes(key).items():
        name, content = f"{mode}/copied in place", secrets.token_bytes(2 * MIB)
        s3.put_object(Bucket=BUCKET, Key=name, Body=content, **given)
        source = {f"CopySource{n}": v for n, v in given.items()} if mode == "SSE-C" else {}
        s3.copy_object(
            Bucket=BUCKET, Key=name, CopySource={"Bucket": BUCKET, "Key": name}, Metadata={"new": "1"},
            MetadataDirective="REPLACE", ServerSideEncryption="AES256", **source,
        )  # fmt: skip
        note(name, content, "SSE-S3", metadata={"new": "1"})
    # Versions: a null version from before, two with ids, and a delete marker as the newest.
    name, contents = "versioned", [secrets.token_bytes(length) for length in (10, 200_000, 20)]
    s3.put_object(Bucket=BUCKET, Key=name, Body=contents[0])
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for content, mode in zip(contents[1:], ["SSE-C", "SSE-KMS"], strict=True):
        put = s3.put_object(Bucket=BUCKET, Key=name, Body=content, **modes(key)[mode])
        note(name, content, mode, version=put["VersionId"])
    note(name, contents[0], "SSE-S3", version="null")
    s3.delete_object(Bucket=BUCKET, Key=name)
    return written


def tree(directory):
    """Returns names, modes, times and contents of the files in a directory."""
    files = sorted(directory.rglob("*"))
    return {
        str(path.relative_to(directory)): (
            path.stat().st_mode, path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).digest() if path.is_file() else None,
        )
        for path in files
    }  # fmt: skip


class Unsealing:
    """The files of a stopped server, and both readers of them."""

    def __init__(self, server, place):
        self.place, self.data_dir, self.store_dir = place, server.data_dir, server.data_dir / "store"
        place.mkdir(exist_ok=True)
        self.keyring = server.data_dir / "keyring.toml"
        self.root_key = (server.data_dir / "root.key").read_bytes()

    def unseal(self, *arguments):
        return run("unseal", *arguments, "--data-dir", self.data_dir, cwd=self.place)

    def customer_key(self, key, form="raw"):
        file = self.place / "customer.key"
        file.write_bytes(key if form == "raw" else key.hex().encode() + b"\n")
        return ["--customer-key-file", file]

    def flags(self, version):
        named = ["--version", version.version] if version.version else []
        return [version.key, *named, *(self.customer_key(version.customer_key) if version.customer_key else [])]

    def get(self, version, *more):
        """Runs `unseal get` on a version and returns its file and the finished command."""
        out = self.place / "out"
        out.unlink(missing_ok=True)
        ended = self.unseal("get", BUCKET, *self.flags(version), "--out", out, *more)
        return out, ended

    def rows(self):
        file = self.place / "rows"
        file.unlink(missing_ok=True)
        ended = self.unseal("rows", "--out", file)
        assert ended.returncode == 0, ended.stderr
        return file

    def second(self):
        return Store(self.rows(), self.store_dir, Keys.of_keyring(self.keyring, self.root_key))


def id_of(reader, version):
    """Returns the id of a version as in its rows; S3 does not report the id of a null version."""
    return reader.versions(BUCKET, version.key)[-1] if version.version == "null" else version.version
