"""An identity provider of OIDC: its documents over HTTPS, and keys that roll."""

import datetime
import ipaddress
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CONFIGURATION = "/realm/.well-known/openid-configuration"


class Provider:
    """A provider on this machine. `requests` are the paths that were asked for."""

    def __init__(self, place):
        place.mkdir(parents=True, exist_ok=True)
        self.keys, self.requests, self.redirects = {}, [], False
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                provider.answer(self)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.ca_file = certificate(place)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, place / "key.pem")
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.host = f"127.0.0.1:{self.http.server_port}"
        self.name = f"{self.host}/realm"
        self.url = f"https://{self.name}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, request):
        self.requests.append(request.path)
        if self.redirects:
            request.send_response(302)
            request.send_header("Location", f"https://{self.host}/elsewhere")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        documents = {
            CONFIGURATION: {"issuer": self.url, "jwks_uri": f"https://{self.host}/keys"},
            "/keys": {"keys": [key.as_dict(private=False) for key in self.keys.values()]},
        }
        document = documents.get(request.path)
        body = json.dumps(document).encode()
        request.send_response(200 if document else 404)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def roll(self, name, kind="RSA"):
        """Replaces all keys by a new one."""
        parameters = {"kid": name, "use": "sig"}
        if kind == "RSA":
            key = RSAKey.generate_key(2048, parameters=parameters)
        else:
            key = ECKey.generate_key("P-256", parameters=parameters)
        self.keys = {name: key}
        return key

    def token(self, key=None, **claims):
        """Signs a token with the newest key, or with another one."""
        key = key or list(self.keys.values())[-1]
        now = int(time.time())
        all_claims = {"iss": self.url, "aud": "app", "sub": "ann", "iat": now, "exp": now + 300, **claims}
        algorithm = "RS256" if key.key_type == "RSA" else "ES256"
        return jwt.encode({"alg": algorithm, "kid": key.kid}, all_claims, key)

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


def certificate(place):
    """Writes a certificate for 127.0.0.1 that signs itself, and its key. Returns the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "identity provider")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (place / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path = place / "ca.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return path
