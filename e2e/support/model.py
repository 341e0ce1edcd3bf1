"""A model of the content of a server, and random operations that change both."""

import random
from dataclasses import dataclass, field

from botocore.exceptions import ClientError

LEAST_PART = 5 << 20
KEYS = ["a", "b/1", "b/2", "ü ß+%", "z"]
SIZES = [0, 1, 1000, 65_519, 65_536, 65_537, 200_000]


@dataclass
class Version:
    """One version; a delete marker if its content is None."""

    id: str
    content: bytes | None = None
    key: bytes | None = None
    tags: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)


def of_key(key):
    """Returns the arguments of a read with a customer key or none."""
    return {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key} if key else {}


def encrypted_with(key):
    """Returns the arguments of a write with this encryption."""
    return of_key(key) or {"ServerSideEncryption": "AES256"}


def of_source(version, bucket, name):
    """Returns a version as the source of a copy."""
    source = {"CopySource": {"Bucket": bucket, "Key": name, "VersionId": version.id}}
    if version.key:
        source |= {"CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": version.key}
    return source


class Model:
    """The state of one client. `secret` is in all content, metadata and tags; `keys` are customer keys."""

    def __init__(self, s3, seed, keys, secret, buckets):
        self.s3, self.random, self.keys, self.secret = s3, random.Random(seed), [None, *keys], secret
        self.versioning = dict.fromkeys(buckets)
        self.held = {(bucket, name): [] for bucket in buckets for name in KEYS}
        self.open, self.steps = [], []
        self.large = self.content(LEAST_PART)
        for bucket in buckets:
            s3.create_bucket(Bucket=bucket)

    def content(self, size):
        """Returns unique bytes that contain the secret."""
        own = self.random.randbytes(min(size, 16))
        return (own + self.secret * (size // len(self.secret) + 1))[:size]

    def step(self):
        """Runs one random operation."""
        operations = {
            self.put: 6, self.copy: 6, self.change_key: 4, self.delete: 2, self.delete_version: 3, self.delete_many: 1,
            self.upload: 3, self.upload_large: 0.2, self.give_up: 0.5, self.tag: 2, self.untag: 1, self.wrong_key: 3,
            self.set_versioning: 0.6, self.read: 3,
        }  # fmt: skip
        chosen = self.random.choices(list(operations), list(operations.values()))[0]
        try:
            self.steps.append(chosen.__name__)
            chosen()
        except BaseException as error:
            error.add_note("the last steps: " + ", ".join(self.steps[-20:]))
            raise

    def any_place(self):
        bucket, name = self.random.choice(list(self.held))
        self.steps[-1] += f" {bucket}/{name}"
        return bucket, name

    def any_version(self):
        """Returns a random place and one of its versions with content; None if there is none."""
        there = [(place, v) for place, versions in self.held.items() for v in versions if v.content is not None]
        if not there:
            return None
        (bucket, name), version = self.random.choice(there)
        self.steps[-1] += f" {bucket}/{name} {version.id[-6:]}"
        return bucket, name, version

    def written(self, bucket, name, response, version):
        """Records a new version. While versioning is suspended, only copies and deletions name the null version."""
        state, id = self.versioning[bucket], response.get("VersionId")
        assert {None: id is None, "Enabled": id not in (None, "null"), "Suspended": id in (None, "null")}[state], (
            response
        )
        version.id = id or "null"
        held = self.held[bucket, name]
        if state is None:
            held.clear()
        elif state == "Suspended":
            held[:] = [v for v in held if v.id != "null"]
        if version.content is not None or state:
            held.append(version)

    def set_versioning(self):
        bucket = list(self.versioning)[1]
        status = "Suspended" if self.versioning[bucket] == "Enabled" else "Enabled"
        self.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        self.versioning[bucket] = status

    def fresh(self, size=None):
        content = self.content(self.random.choice(SIZES) if size is None else size)
        metadata = {"secret": self.secret.hex()} if self.random.random() < 0.3 else {}
        return Version("", content, self.random.choice(self.keys), {}, metadata)

    def put(self):
        bucket, name = self.any_place()
        version = self.fresh()
        named = {"Bucket": bucket, "Key": name, "Metadata": version.metadata}
        if self.random.random() < 0.3:
            version.tags = {"secret": self.secret.hex()}
            named["Tagging"] = f"secret={self.secret.hex()}"
        self.written(bucket, name, self.s3.put_object(Body=version.content, **named, **of_key(version.key)), version)

    def copy(self):
        if source := self.any_version():
            bucket, name = self.any_place()
            self.copy_to(source, bucket, name)

    def change_key(self):
        """Copies any version onto its own key."""
        if source := self.any_version():
            self.copy_to(source, *source[:2])

    def copy_to(self, source, bucket, name):
        from_bucket, from_name, old = source
        new = Version("", old.content, self.random.choice(self.keys), dict(old.tags), dict(old.metadata))
        more = {}
        if self.random.random() < 0.3:
            new.metadata = {"other": "x"}
            more = {"MetadataDirective": "REPLACE", "Metadata": new.metadata}
        response = self.s3.copy_object(
            Bucket=bucket, Key=name, **of_source(old, from_bucket, from_name), **encrypted_with(new.key), **more
        )
        self.written(bucket, name, response, new)

    def delete(self):
        bucket, name = self.any_place()
        self.covered(bucket, name, self.s3.delete_object(Bucket=bucket, Key=name))

    def covered(self, bucket, name, response):
        if self.versioning[bucket]:
            self.written(bucket, name, response, Version(""))
        else:
            self.held[bucket, name].clear()

    def delete_version(self):
        bucket, name = self.any_place()
        if held := self.held[bucket, name]:
            gone = self.random.choice(held)
            response = self.s3.delete_object(Bucket=bucket, Key=name, VersionId=gone.id)
            assert response.get("DeleteMarker", False) == (gone.content is None)
            held.remove(gone)

    def delete_many(self):
        bucket = self.random.choice(list(self.versioning))
        named = [(name, v.id) for name in KEYS for v in self.held[bucket, name] if self.random.random() < 0.3]
        if named:
            objects = [{"Key": name, "VersionId": id} for name, id in named]
            response = self.s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
            assert len(response["Deleted"]) == len(named) and "Errors" not in response, response
            for name in KEYS:
                self.held[bucket, name] = [v for v in self.held[bucket, name] if (name, v.id) not in named]

    def upload(self):
        self.make_upload([self.content(self.random.choice(SIZES))])

    def upload_large(self):
        self.make_upload([self.large, self.content(self.random.choice(SIZES))])

    def make_upload(self, parts):
        """The last or only part may be a copy; one in five uploads is completed after a restart of the server."""
        bucket, name = self.any_place()
        version = Version("", b"", self.random.choice(self.keys), {}, {"secret": self.secret.hex()})
        named = {"Bucket": bucket, "Key": name}
        begun = self.s3.create_multipart_upload(**named, Metadata=version.metadata, **of_key(version.key))
        named["UploadId"], etags = begun["UploadId"], []
        for number, body in enumerate(parts, 1):
            part = {**named, "PartNumber": number, **of_key(version.key)}
            source = self.any_version() if number == len(parts) and self.random.random() < 0.5 else None
            if source and source[2].content:
                body = source[2].content
                first = self.random.randrange(len(body))
                last = self.random.randrange(first, len(body))
                part |= {"CopySourceRange": f"bytes={first}-{last}"} | of_source(source[2], *source[:2])
                etag, body = self.s3.upload_part_copy(**part)["CopyPartResult"]["ETag"], body[first : last + 1]
            else:
                etag = self.s3.upload_part(Body=body, **part)["ETag"]
            etags.append({"PartNumber": number, "ETag": etag})
            version.content += body
        if self.random.random() < 0.2 and len(self.open) < 5:
            self.open.append((named, etags, version))
        else:
            self.complete(named, etags, version)

    def complete(self, named, etags, version):
        response = self.s3.complete_multipart_upload(**named, MultipartUpload={"Parts": etags})
        self.written(named["Bucket"], named["Key"], response, version)

    def complete_what_is_open(self):
        while self.open:
            self.complete(*self.open.pop())

    def give_up(self):
        if self.open:
            named, _, _ = self.open.pop()
            self.s3.abort_multipart_upload(**named)

    def tag(self):
        if found := self.any_version():
            bucket, name, version = found
            version.tags = {"secret": self.secret.hex(), "n": str(self.random.randrange(10))}
            tags = [{"Key": key, "Value": value} for key, value in version.tags.items()]
            self.s3.put_object_tagging(Bucket=bucket, Key=name, VersionId=version.id, Tagging={"TagSet": tags})

    def untag(self):
        if found := self.any_version():
            bucket, name, version = found
            version.tags = {}
            self.s3.delete_object_tagging(Bucket=bucket, Key=name, VersionId=version.id)

    def wrong_key(self):
        """Asserts that only the version's own key allows reading and copying it."""
        if found := self.any_version():
            bucket, name, version = found
            wrong = self.random.choice([key for key in self.keys if key != version.key])
            as_if = Version(version.id, key=wrong)
            for attempt in [
                lambda: self.s3.get_object(Bucket=bucket, Key=name, VersionId=version.id, **of_key(wrong)),
                lambda: self.s3.copy_object(Bucket=bucket, Key="never", **of_source(as_if, bucket, name)),
            ]:
                try:
                    attempt()
                except ClientError as error:
                    assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
                else:
                    raise AssertionError("a wrong key was accepted")

    def read(self):
        if found := self.any_version():
            self.reads_back(*found)
            bucket, name, version = found
            first = self.random.randrange(len(version.content) + 1)
            last = self.random.randrange(first, len(version.content) + 10)
            if version.content[first:]:
                named = {"Bucket": bucket, "Key": name, "VersionId": version.id, **of_key(version.key)}
                got = self.s3.get_object(Range=f"bytes={first}-{last}", **named)
                assert got["Body"].read() == version.content[first : last + 1], (bucket, name, version.id, first, last)
                assert self.s3.head_object(**named)["ContentLength"] == len(version.content)

    def reads_back(self, bucket, name, version):
        named = {"Bucket": bucket, "Key": name, "VersionId": version.id}
        got = self.s3.get_object(**named, **of_key(version.key))
        assert got["Body"].read() == version.content, (bucket, name, version.id)
        assert got["Metadata"] == version.metadata
        tags = self.s3.get_object_tagging(**named)["TagSet"]
        assert {tag["Key"]: tag["Value"] for tag in tags} == version.tags

    def all_is_as_it_must_be(self):
        """Asserts that the server has exactly what the model has."""
        for bucket in self.versioning:
            listed = self.s3.list_object_versions(Bucket=bucket)
            entries = [(e["Key"], e["VersionId"], e["IsLatest"], e["Size"]) for e in listed.get("Versions", [])]
            entries += [(e["Key"], e["VersionId"], e["IsLatest"], None) for e in listed.get("DeleteMarkers", [])]
            expected = [
                (name, v.id, v is self.held[bucket, name][-1], None if v.content is None else len(v.content))
                for name in KEYS
                for v in self.held[bucket, name]
            ]
            assert sorted(entries, key=repr) == sorted(expected, key=repr)
            current = [
                name for name in KEYS if self.held[bucket, name] and self.held[bucket, name][-1].content is not None
            ]
            seen = [entry["Key"] for entry in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
            assert sorted(seen) == sorted(current)
            uploads = self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
            open_ = [named["UploadId"] for named, _, _ in self.open if named["Bucket"] == bucket]
            assert sorted(upload["UploadId"] for upload in uploads) == sorted(open_)
        for (bucket, name), versions in self.held.items():
            for version in versions:
                if version.content is not None:
                    self.reads_back(bucket, name, version)
