"""deploy/nginx.conf as it stands, in front of a running service: TLS, and whose word on addresses is believed."""

from __future__ import annotations

import datetime
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.service.running import ROOT, Running, run_service

NAME = "leukon.example.org"
ASSESS = "/fhir/$assess"
RECORD = b"counts: [{wbc: 2.1, neutrophils: 0.4}]\nfindings: [fever]\n"


def find_nginx() -> str:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    if found := shutil.which("nginx", path=path):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (("update", "-qq"), ("install", "-y", "-qq", "nginx-light")):
            subprocess.run([shutil.which("apt-get") or "", *words], capture_output=True, timeout=180)
    if found := shutil.which("nginx", path=path):
        return found
    pytest.skip("nginx is not here: apt-get install nginx-light")


def make_certificate(folder: Path) -> None:
    """A certificate of its own for the name, valid for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "fullchain.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as place:
        return place.getsockname()[1]


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx, its folder, and the service behind it."""

    folder: Path
    plain: int
    secure: int
    service: Running

    def ask(
        self, method: str, path: str, body: bytes | None = None, *, source: str = "127.0.0.1", forwarded: str = ""
    ) -> tuple[int, dict[str, str], bytes]:
        """The answer through TLS; the certificate is checked."""
        context = ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
        headers = {"Content-Type": "text/yaml", "Connection": "close"}
        if forwarded:
            headers["X-Forwarded-For"] = forwarded
        raw = socket.create_connection(("127.0.0.1", self.secure), 30, (source, 0))
        connection = http.client.HTTPSConnection(NAME, context=context)
        connection.sock = context.wrap_socket(raw, server_hostname=NAME)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    nginx = find_nginx()
    folder = tmp_path_factory.mktemp("nginx")
    make_certificate(folder)
    (folder / "leukon.yaml").write_text(f"base_url: https://{NAME}\nworkers: 1\nrequests_per_minute: 60\n")
    with run_service("--config", str(folder / "leukon.yaml")) as service:
        plain, secure = free_port(), free_port()
        site = (ROOT / "deploy" / "nginx.conf").read_text()
        for there, here in (
            ("listen [::]:80;", ""),
            ("listen [::]:443 ssl;", ""),
            ("listen 80;", f"listen 127.0.0.1:{plain};"),
            ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
            ("server 127.0.0.1:8000;", f"server 127.0.0.1:{service.port};"),
            ("/etc/ssl/leukon/", f"{folder}/"),
            ("/var/log/nginx/", f"{folder}/"),
        ):
            assert there in site
            site = site.replace(there, here)
        (folder / "site.conf").write_text(site)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        whole = f"{user} pid {folder}/pid; error_log {folder}/start.log; events {{}}"
        (folder / "nginx.conf").write_text(f"{whole} http {{ {temporary} include {folder}/site.conf; }}")
        command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]
        with subprocess.Popen([*command, "-g", "daemon off;"], stderr=subprocess.PIPE, text=True) as process:
            try:
                wait_for(secure, process)
                yield Proxy(folder, plain, secure, service)
            finally:
                process.terminate()
                process.wait(20)


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
    raise AssertionError("nginx did not start")


def test_a_record_is_answered_through_tls(proxy: Proxy) -> None:
    status, headers, body = proxy.ask("POST", ASSESS, RECORD, source="127.0.0.10")
    assert status == 200
    assert b'"resourceType":"Bundle"' in body
    assert headers["strict-transport-security"].startswith("max-age=")
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["server"] == "nginx", "no version is told"


def test_the_public_name_stands_in_what_the_service_says_of_itself(proxy: Proxy) -> None:
    _, _, body = proxy.ask("GET", "/fhir/metadata", source="127.0.0.11")
    assert f"https://{NAME}/fhir/OperationDefinition/assess".encode() in body


def test_plain_http_is_sent_to_tls(proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.plain)
    connection.request("GET", "/fhir/metadata", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert (answer.status, answer.getheader("location")) == (301, f"https://{NAME}/fhir/metadata")


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_this_machine_is_not_seen_from_outside(proxy: Proxy, path: str) -> None:
    assert proxy.ask("GET", path, source="127.0.0.12")[0] == 404


def test_what_is_too_large_is_refused_before_it_reaches_the_service(proxy: Proxy) -> None:
    assert proxy.ask("POST", ASSESS, b"x" * 5_300_000, source="127.0.0.13")[0] == 413


def test_each_client_has_its_own_limit_behind_the_proxy_and_cannot_claim_another(proxy: Proxy) -> None:
    found = [proxy.ask("GET", "/fhir/metadata", source="127.0.0.14", forwarded=f"198.51.100.{n}")[0] for n in range(11)]
    assert found == [200] * 10 + [429]
    assert proxy.ask("GET", "/fhir/metadata", source="127.0.0.15")[0] == 200


def test_a_forwarded_address_is_believed_from_the_proxy_only(proxy: Proxy) -> None:
    def ask_directly(source: str, n: int) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", proxy.service.port, source_address=(source, 0))
        connection.request("GET", "/fhir/metadata", headers={"X-Forwarded-For": f"203.0.113.{n}"})
        status = connection.getresponse().status
        connection.close()
        return status

    assert [ask_directly("127.0.0.16", n) for n in range(11)] == [200] * 10 + [429]
    assert [ask_directly("127.0.0.1", n) for n in range(11)] == [200] * 11, "127.0.0.1 is where the proxy is"


def test_nothing_of_a_request_stands_in_the_logs(proxy: Proxy) -> None:
    proxy.ask("POST", f"{ASSESS}?add=MRN-4711", b"MRN-4711 " * 10_000, source="127.0.0.17")
    for _ in range(50):  # a line is written when the request is over: after its answer was read
        logs = "".join(path.read_text() for path in proxy.folder.glob("*.log"))
        if " POST 422 " in logs:
            break
        time.sleep(0.1)
    assert " POST 422 " in logs
    assert "4711" not in logs and "127.0.0.17" not in logs
    assert not [
        path for kind in ("client_body", "proxy") for path in (proxy.folder / kind).rglob("*") if path.is_file()
    ]
