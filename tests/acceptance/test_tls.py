"""A second app container, which serves HTTPS with a certificate of the test's own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import websocket

from stack.compose import ports
from stack.compose.address import Address
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support import reverse_proxy
from tests.support.containers import image_of
from tests.support.panel import ADMIN, Panel

pytestmark = pytest.mark.mode("prod")


@pytest.fixture(scope="module")
def https(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of that app, and its certificate."""
    app = project.containers()["app"]
    files = reverse_proxy.certificate(tmp_path_factory.mktemp("tls"))
    mounted = {m["Source"]: m["Destination"] for m in app.attrs["Mounts"] if m["Type"] == "bind"}
    mounted = {ours: theirs for ours, theirs in mounted.items() if "/tls_" not in theirs} | files
    port = ports.free_port()
    host = app.attrs["HostConfig"]
    container = project.client.containers.create(
        image_of(app),
        environment=app.attrs["Config"]["Env"],
        volumes=[f"{ours}:{theirs}:ro" for ours, theirs in mounted.items()],
        network=f"{project.name}_default",
        ports={"80/tcp": ("127.0.0.1", port)},
        read_only=True,
        tmpfs=host["Tmpfs"],
        cap_drop=["ALL"],
        security_opt=host["SecurityOpt"],
    )
    # The database's network.
    project.client.networks.get(f"{project.name}_inside").connect(container)
    container.start()
    url, authority = f"https://localhost:{port}", next(iter(files))
    try:

        def ready() -> bool:
            path = "/api/health/ready/"
            return requests.get(url + path, verify=authority, timeout=5).status_code == 200

        errors = (requests.RequestException,)
        wait_until("the app behind HTTPS", ready, seconds=60, ignoring=errors)
        yield url, authority
    except BaseException:
        print(container.logs(tail=50).decode(errors="replace"))
        raise
    finally:
        container.remove(force=True, v=True)


def test_cookies_of_a_login_over_https_are_secure(panel: Panel, https: tuple[str, str]) -> None:
    url, authority = https
    certificate = Path(authority).read_text(encoding="ascii")
    person = Panel(Address("localhost", int(url.rpartition(":")[2]), certificate))
    answer = person.post("/api/session/", ADMIN)
    assert answer.status_code == 200, answer.text
    cookies = {cookie.name: cookie for cookie in person.http.cookies}
    assert sorted(name.rpartition("-")[2] for name in cookies) == ["csrf", "session"]
    assert all(cookie.secure for cookie in cookies.values())
    # No other host of the domain can set them.
    assert all(name.startswith("__Host-") for name in cookies)
    assert "Strict-Transport-Security" not in answer.headers

    sent = "; ".join(f"{cookie.name}={cookie.value}" for cookie in cookies.values())
    connection = websocket.create_connection(
        url.replace("https", "wss") + "/ws/alarm/",
        origin=url,
        cookie=sent,
        timeout=10,
        sslopt={"ca_certs": authority},
    )
    assert '"snapshot"' in connection.recv()
    connection.close()


def test_plain_http_is_redirected_to_https(https: tuple[str, str]) -> None:
    url, _ = https
    plain = url.replace("https", "http")
    for method, path in (("GET", "/events"), ("POST", "/api/session/"), ("GET", "/ws/alarm/")):
        answer = requests.request(method, plain + path, timeout=5, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (307, url + path)


def test_tls_is_1_2_or_1_3_with_forward_secrecy(https: tuple[str, str]) -> None:
    url, authority = https
    port = int(url.rpartition(":")[2])
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=authority)
        context.minimum_version = context.maximum_version = version
        with (
            socket.create_connection(("localhost", port), timeout=10) as raw,
            context.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            cipher = secured.cipher()
        assert cipher
        assert cipher[0].startswith(("ECDHE-", "TLS_")), cipher
