"""A customer key in a place where none belongs is in no log, no file and no error.

It is put into each header, parameter, path, field of a form and part of a document that the server reads, by its name or
as its value, and into places that only programs in error fill. Only names are kept in the clear, as docs/audit.md says:
those of buckets and of objects.
"""

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from support.chunked import SIGNED, UNSIGNED_TRAILER, put_chunked
from support.key_places import (
    AUTHORIZATIONS,
    CONTEXT,
    DOCUMENTS,
    HEADERS,
    KMS_KEY,
    MORE_REQUESTS,
    POLICY,
    PRESIGNED,
    QUERIES,
    REQUESTS,
)
from support.misplaced_keys import World
from support.raw import (
    ALGORITHM,
    SSE,
    SSE_C_KEY,
    Connection,
    Signer,
    path_of,
    presign,
    send_unsigned,
)  # fmt: skip
from support.secret_search import files_of
from support.wire import Wire, content_md5


@pytest.fixture
def planted(start_server):
    server = start_server("--log", "trace", "--log-format", "json")
    wire = Wire(server, secure=False)
    assert wire("PUT", "/bucket").status == 200 and wire("PUT", "/bucket/kept", body=b"x").status == 200
    world = World(server, wire)
    yield world
    wire.close()


def test_headers(planted):
    for number, headers in enumerate(HEADERS):
        for method, path, query in [*REQUESTS, MORE_REQUESTS[number % len(MORE_REQUESTS)]]:

            def send(key, method=method, path=path, query=query, headers=headers):
                given = {name.format(key.rstrip("=")): value.format(key) for name, value in headers.items()}
                return planted.wire(method, path, query=query, headers=given)

            planted.ask(f"{headers} of {method} {path}?{query}", send)
    assert {200, 400, 403, 404, 501} <= planted.statuses
    planted.finish()


def test_queries_and_paths(planted):
    for number, query in enumerate(QUERIES):
        requests = [("GET", "/bucket/kept"), ("PUT", "/bucket/new"), ("GET", "/bucket")]
        others = [("POST", "/bucket/new"), ("DELETE", "/bucket/gone"), ("HEAD", "/bucket/kept"), ("GET", "/")]
        for method, path in [*requests, others[number % len(others)]]:

            def send(key, method=method, path=path, query=query):
                return planted.wire(method, path, query=query.format(quote(key, safe="")))

            planted.ask(f"{method} {path}?{query}", send)
    paths = [("GET", "/{}"), ("PUT", "/{}"), ("GET", "/{}/kept"), ("DELETE", "/-{}"), ("OPTIONS", "/{}")]
    for method, path in paths:
        planted.ask(f"{method} {path}", lambda key, m=method, p=path: planted.wire(m, p.format(quote(key, safe=""))))
    planted.finish({f"{method} {path}" for method, path in paths})


def test_presigned_requests(planted):
    server, wire = planted.server, planted.wire
    for name in PRESIGNED:

        def send(key, name=name):
            pairs = presign(server, "GET", "/bucket/kept", secure=False).split("&")
            pairs = [pair for pair in pairs if not pair.startswith(f"X-Amz-{name}=")]
            query = "&".join([*pairs, f"X-Amz-{name}={quote(key, safe='')}"])
            return send_unsigned(server, "GET", "/bucket/kept", query=query, secure=False)

        planted.ask(f"X-Amz-{name} of a presigned URL", send)
    for query in [
        f"{SSE_C_KEY}={{}}",
        f"{KMS_KEY}={{}}",
        f"{SSE}={{}}",
        "x-amz-meta-a={}",
        "response-expires={}",
        "{}=1",
    ]:
        for method in ["GET", "PUT"]:

            def send(key, method=method, query=query, signed=True):
                more = query.format(quote(key, safe=""))
                inside = presign(server, method, "/bucket/new", query=more if signed else "", secure=False)
                inside += "" if signed else f"&{more}"
                return send_unsigned(server, method, "/bucket/new", query=inside, secure=False)

            planted.ask(f"{query} in a presigned {method}, signed", send)
            planted.ask(f"{query} in a presigned {method}, not signed", lambda key, s=send: s(key, signed=False))
    # Headers whose names the URL signs: sent as signed, with another value, not sent, and sent without being signed.
    for headers in [{SSE_C_KEY: "{}"}, {KMS_KEY: "{}", SSE: "aws:kms"}, {"x-amz-meta-a": "{}"}, {CONTEXT: "{}"}]:
        for method in ["GET", "PUT"]:

            def send(key, signed, sent, method=method, headers=headers):
                given = {name: value.format(key) for name, value in headers.items()}
                signed = given if signed == "same" else {name: "b" for name in given} if signed else None
                query = presign(server, method, "/bucket/new", headers=signed, secure=False)
                given = given if sent else {"x-amz-meta-b": key}
                return send_unsigned(server, method, "/bucket/new", query=query, headers=given, secure=False)

            for signed, sent in [("same", True), ("same", False), ("other", True), ("other", False), ("", True)]:
                place = f"{headers} of a presigned {method}, signed: {signed}, sent: {sent}"
                planted.ask(place, lambda key, s=signed, t=sent, ask=send: ask(key, s, t))
    for authorization in AUTHORIZATIONS:
        given = lambda key, text=authorization: {"Authorization": text.format(key), "x-amz-date": "20260101T000000Z"}  # noqa: E731
        planted.ask(
            f"Authorization: {authorization}",
            lambda key, g=given: send_unsigned(server, "GET", "/bucket/kept", headers=g(key), secure=False),
        )
    # A signature that is wrong because of a customer key: the canonical request is not repeated.
    for headers in [{SSE_C_KEY: "{}"}, {"x-amz-meta-a": "{}"}, {CONTEXT: "{}"}, {"Cookie": "{}"}]:
        given = lambda key, h=headers: {name: value.format(key) for name, value in h.items()}  # noqa: E731
        planted.ask(
            f"{headers}, wrong secret", lambda key, g=given: wire("PUT", "/bucket/new", headers=g(key), secret="w")
        )
    planted.finish()


def texts_replaced(document):
    """Returns the document with {} in place of each text in turn, of an element's name, and beside elements."""
    texts = [
        (at, end) for at in range(len(document)) if document[at] == ">" and (end := document.find("<", at)) > at + 1
    ]
    for at, end in texts:
        yield document[: at + 1] + "{}" + document[end:]
    first = document.find(">")
    yield document[: first + 1] + "<Key{}>1</Key{}>" + document[first + 1 :]
    yield document[:first] + ' a="{}"' + document[first:]
    yield document[:first] + ' xmlns="{}"' + document[first:]
    yield document[: first + 1] + "<!--{}-->" + document[first + 1 :]
    yield '<!DOCTYPE a [<!ENTITY e "{}">]>' + document
    yield document[: first + 1] + "&{};" + document[first + 1 :]
    yield document[: len(document) // 2] + "{}"
    yield "<Key{}/>"
    yield "{}"


def test_documents(planted):
    wire = planted.wire
    # Names of objects to delete, which the audit log has.
    names = set()
    for method, path, sub_resource, document in DOCUMENTS:
        for text in texts_replaced(document):

            def send(key, method=method, path=path, sub_resource=sub_resource, text=text):
                body = text.replace("{}", key if "<Key{}" not in text else key.rstrip("="))
                query = f"{sub_resource}=" + ("x" if sub_resource == "uploadId" else "") if sub_resource else ""
                return wire(method, path, query=query, body=body, headers=content_md5(body.encode()))

            place = f"{method} {path}?{sub_resource} {text}"
            if sub_resource == "delete" and "<Key>{}</Key>" in text:
                names.add(place)
            planted.ask(place, send)
        if path == "/bucket" and sub_resource in ("encryption", "cors", "lifecycle", "tagging"):
            assert wire("DELETE", "/bucket", query=f"{sub_resource}=").status == 204
    policy = json.dumps(POLICY)
    for old in ["2012-10-17", '"i"', '"s"', "Deny", "AWS", "arn:aws:iam::000000000000:root", "PutObject", "bucket/x",
                "StringEquals", "s3:prefix", '"p"', "Statement", policy]:  # fmt: skip
        text = policy.replace(old, '"{}"' if old[0] == '"' else "{}", 1)
        planted.ask(
            f"policy {text}", lambda key, t=text: wire("PUT", "/bucket", query="policy=", body=t.replace("{}", key))
        )
        wire("DELETE", "/bucket", query="policy=")
    planted.finish(names)


def test_an_unknown_key_of_a_service(planted):
    """A customer key as the default KMS key of a bucket: the audit log has its fingerprint only."""
    wire = planted.wire
    document = DOCUMENTS[0][3].replace(">none<", ">{}<")

    def send(key):
        assert wire.put("/bucket", "encryption=", document.format(key)).status == 200
        return wire("PUT", "/bucket/new", body=b"x").is_error(400, "KMS.NotFoundException")

    planted.ask(f"default key, {SSE}", send)
    assert wire("DELETE", "/bucket", query="encryption=").status == 204
    planted.finish()
    audited = b"".join(file.read_bytes() for file in files_of(planted.server) if "audit" in file.parts)
    assert b'"key_id":"fingerprint:' in audited


def form_of(fields, file=b"x", boundary="b", file_line='name="file"; filename="f"', after=b""):
    lines = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    lines += [f"--{boundary}\r\nContent-Disposition: form-data; {file_line}\r\n\r\n"]
    return "".join(lines).encode() + file + after + f"\r\n--{boundary}--\r\n".encode()


def test_forms(planted):
    server = planted.server
    signer = Signer(server.access_key, server.secret)

    def fields_of(conditions=(), expiration=None, **fields):
        until = expiration or (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        fields = {"key": "formed", "x-amz-algorithm": ALGORITHM, "x-amz-credential": signer.credential,
                  "x-amz-date": signer.date, **fields}  # fmt: skip
        rules = [{"bucket": "bucket"}, *({name: value} for name, value in fields.items()), *conditions]
        policy = base64.b64encode(json.dumps({"expiration": until, "conditions": rules}).encode()).decode()
        return {**fields, "policy": policy, "x-amz-signature": signer.signature(policy)}

    def post(fields, boundary="b", headers=(), query="", **more):
        body = form_of(fields, boundary=boundary, **more)
        kind = [("Content-Type", f"multipart/form-data; boundary={boundary}")]
        return send_unsigned(server, "POST", "/bucket", query=query, headers=[*kind, *headers], body=body, secure=False)

    assert post(fields_of()).status == 204
    names = [
        SSE, KMS_KEY, CONTEXT, SSE_C_KEY, f"{SSE_C_KEY}-MD5", f"{SSE}-customer-algorithm", f"{SSE}-rubbish", "x-amz-meta-a",
        "acl", "tagging", "x-amz-tagging", "Content-Type", "Content-MD5", "Content-Encoding", "Expires", "Cache-Control",
        "x-amz-storage-class", "x-amz-checksum-sha256", "x-amz-object-lock-mode", "x-amz-website-redirect-location",
        "x-amz-expected-bucket-owner", "x-amz-security-token", "x-amz-rubbish", "success_action_redirect", "redirect",
        "success_action_status", "AWSAccessKeyId", "signature", "x-ignore-a", "rubbish", "utf8", "submit",
    ]  # fmt: skip
    for name in names:
        planted.ask(f"form field {name}", lambda key, n=name: post(fields_of(**{n: key})))
        planted.ask(f"form field {name}, not in the policy", lambda key, n=name: post({**fields_of(), n: key}))
        planted.ask(f"form field {name}, unsigned", lambda key, n=name: post({"key": "formed", n: key}))
        other = lambda key, n=name: post({**fields_of(**{n: "other"}), n: key})  # noqa: E731
        planted.ask(f"form field {name}, the policy demands another value", other)
        sought = lambda key, n=name: post({**fields_of(**{n: key}), n: "other"})  # noqa: E731
        planted.ask(f"form field {name}, the policy demands the key", sought)
    for name in ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "policy"]:
        planted.ask(f"form field {name} with the key", lambda key, n=name: post({**fields_of(), n: key}))
    for part in ["/20260101/us-east-1/s3/aws4_request", "a/{}/us-east-1/s3/aws4_request", "a/20260101/us-east-1/s3/{}"]:
        scope = part if "{}" in part else "{}" + part
        planted.ask(f"credential {scope}", lambda key, s=scope: post(fields_of(**{"x-amz-credential": s.format(key)})))
    conditions = [
        ["eq", "$key", "{}"], ["starts-with", "$key", "{}"], ["eq", "${}", "a"], ["{}", "$key", "a"], {"{}": "a"}, {"acl": "{}"},
        ["eq", "{}", "a"], ["content-length-range", "{}", 1], ["content-length-range", 0, "{}"], ["{}"], "{}", {"{}": 1},
        ["eq", f"${SSE_C_KEY}", "{}"], ["starts-with", f"${KMS_KEY}", "{}"],
    ]  # fmt: skip
    for condition in conditions:
        text = json.dumps(condition)
        planted.ask(f"condition {text}", lambda key, t=text: post(fields_of([json.loads(t.replace("{}", key))])))
    planted.ask("expiration", lambda key: post(fields_of(expiration=key)))
    bare = lambda text: {**fields_of(), "policy": text, "x-amz-signature": signer.signature(text)}  # noqa: E731
    planted.ask("policy that is no JSON", lambda key: post(bare(base64.b64encode(key.encode()).decode())))
    planted.ask("policy that is no base64", lambda key: post(bare(f"?{key}")))
    planted.ask("name of a field", lambda key: post({**fields_of(), key: "1"}))
    planted.ask("name of an x-amz- field", lambda key: post({**fields_of(), f"x-amz-{key}": "1"}))
    planted.ask("name of a field, in the policy", lambda key: post(fields_of(**{f"x-amz-{key}": "1"})))
    planted.ask(
        "field that is sent twice", lambda key: post({**fields_of(), key: "1", key.upper(): "1", key.lower(): "2"})
    )
    planted.ask("name of a file", lambda key: post(fields_of(), file_line=f'name="file"; filename="{key}"'))
    planted.ask("name that is not of the file", lambda key: post(fields_of(), file_line=f'name="{key}"; filename="f"'))
    planted.ask("type of the file", lambda key: post(fields_of(), file_line=f'name="file"\r\nContent-Type: {key}'))
    planted.ask("header of the file", lambda key: post(fields_of(), file_line=f'name="file"\r\n{key}: a'))
    planted.ask("boundary", lambda key: post(fields_of(), boundary=key.replace("=", "")))
    planted.ask("parameter of the content type", lambda key: post(fields_of(), boundary=f"b; {key}=a"))
    after = lambda key: f'\r\n--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{key}'.encode()  # noqa: E731
    planted.ask("field after the file", lambda key: post(fields_of(), after=after(key)))
    planted.ask("header of a form", lambda key: post(fields_of(), headers=[("x-amz-meta-a", key)]))
    planted.ask(
        "name of a header of a form", lambda key: post(fields_of(), headers=[(f"x-amz-{key.rstrip('=')}", "a")])
    )
    planted.ask("query of a form", lambda key: post(fields_of(), query=quote(key, safe="")))
    assert {200, 204, 303, 400, 403, 405, 501} & planted.statuses >= {204, 400, 403, 501}
    planted.finish()


def test_framing(planted):
    server = planted.server
    path = path_of("bucket", "new")
    for payload in [SIGNED, UNSIGNED_TRAILER]:
        for line in ["{}\r\n", "1;{}\r\n", "1;chunk-signature={}\r\nx", "1;chunk-signature=00;{}\r\nx"]:

            def send(key, payload=payload, line=line):
                return put_chunked(server, path, [b"x"], payload=payload, spoil=lambda _: [line.format(key).encode()])

            planted.ask(f"{payload}, chunk {line}", send)
    for name, value in [
        ("{}", "1"),
        ("x-amz-checksum-crc32", "{}"),
        ("x-amz-{}", "a"),
        ("x-amz-trailer-signature", "{}"),
    ]:

        def send(key, name=name, value=value):
            trailer = {name.format(key.rstrip("=")): value.format(key)}
            return put_chunked(server, path, [b"x"], payload=UNSIGNED_TRAILER, trailer=trailer)

        planted.ask(f"trailer {name}: {value}", send)

    def raw(text):
        with Connection(server, secure=False) as connection:
            connection.http.connect()
            connection.body(text)
            return connection.response("GET")

    for text in ["{} /bucket HTTP/1.1\r\nhost: h\r\n\r\n", "GET {} HTTP/1.1\r\nhost: h\r\n\r\n",
                 "GET /bucket {}\r\nhost: h\r\n\r\n", "GET / HTTP/1.1\r\nhost: {}\r\n\r\n", "{}\r\n\r\n",
                 "GET / HTTP/1.1\r\nhost: {}.s3.strong.localhost\r\n\r\n", "GET / HTTP/1.1\r\nhost: h\r\n {}\r\n\r\n",
                 "GET http://{}/ HTTP/1.1\r\nhost: h\r\n\r\n", "GET / HTTP/1.1\r\nhost: h\r\ncontent-length: {}\r\n\r\n",
                 "GET / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: {}\r\n\r\n", "CONNECT {}:1 HTTP/1.1\r\nhost: h\r\n\r\n",
                 "GET / HTTP/1.1\r\nhost: h\r\n{}\r\n\r\n", "GET / HTTP/1.1\r\nhost: h\r\na\0{}: b\r\n\r\n"]:  # fmt: skip
        planted.ask(f"bytes {text!r}", lambda key, t=text: raw(t.replace("{}", key).encode()))
    planted.finish()
