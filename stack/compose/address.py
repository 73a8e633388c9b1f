"""Where a running stack is reached: by people, and by checks from this machine."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stack.compose.project import Project, bind_address
from stack.config import certificates, dotenv
from stack.config.modes import CLUSTER, LOCAL

if TYPE_CHECKING:
    from docker.models.containers import Container
    from requests import Session

EVERY_ADDRESS = {"", "0.0.0.0", "::"}
SECONDS = 5
YES = {"true", "1", "yes", "on"}
"""As backend/core/env.py reads a flag."""


@dataclass(frozen=True)
class Address:
    """A stack's published port, and what is spoken there."""

    host: str
    """A name or an address that leads to the port from here; IPv6 without brackets."""
    port: int
    certificate: str = ""
    """The PEM text with which the port serves HTTPS; empty where it serves plain HTTP."""
    behind_proxy: bool = False
    """Whether a reverse proxy in front of it ends TLS (ALARM_HTTPS)."""

    @classmethod
    def from_url(cls, url: str) -> Address:
        """The address in a plain URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or 80)

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Where this machine connects to."""
        return f"{'https' if self.certificate else 'http'}://{self.netloc}"

    @property
    def origin(self) -> str:
        """The same as the page's address is for the panel: behind a reverse proxy, that one's."""
        return f"https://{self.netloc}" if self.behind_proxy else self.url

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs besides, as the reverse proxy sends it."""
        return {"X-Forwarded-Proto": "https"} if self.behind_proxy else {}

    def tls(self) -> ssl.SSLContext | None:
        """A client that trusts the stack's own certificate alone, under any name."""
        return certificates.trusting(self.certificate) if self.certificate else None

    def connect(self, seconds: float = SECONDS) -> socket.socket:
        """A connection on which HTTP is spoken. Raises OSError."""
        raw = socket.create_connection((self.host, self.port), timeout=seconds)
        context = self.tls()
        return context.wrap_socket(raw) if context else raw

    def session(self) -> Session:
        """A session for checks: it speaks as a browser does, or as one behind the reverse proxy."""
        import requests
        from requests.adapters import HTTPAdapter

        fingerprint = certificates.fingerprint(self.certificate) if self.certificate else None
        behind_proxy = self.behind_proxy

        class Checks(requests.Session):
            def send(self, *arguments: Any, **options: Any) -> requests.Response:
                answer = super().send(*arguments, **options)
                if behind_proxy:
                    # It passes a cookie for HTTPS on over the plain connection.
                    for cookie in self.cookies:
                        cookie.secure = False
                return answer

        class Pinned(HTTPAdapter):
            def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
                super().init_poolmanager(*arguments, assert_fingerprint=fingerprint, **options)

        session = Checks()
        session.trust_env = False  # no HTTP_PROXY leads to this machine
        session.headers.update(self.headers)
        session.verify = False  # no authority's certificates, only the stack's own
        session.mount("https://", Pinned())
        return session

    def names(self) -> list[str]:
        """The host names in the certificate; none where the port does not answer."""
        try:
            with self.connect() as secured:
                assert isinstance(secured, ssl.SSLSocket)
                known: Any = secured.getpeercert() or {}
        except OSError:
            return []
        names = [str(name) for kind, name in known.get("subjectAltName", ()) if kind == "DNS"]
        return [name for name in names if not name.startswith("*")]

    def for_people(self) -> str:
        """A sentence that says what to open."""
        if self.behind_proxy:
            return f"Open it through your reverse proxy, which leads to {self.url}"
        names = self.names() if self.certificate else []
        if not names or self.host in names:
            return f"Open {self.url}"
        return f"Open https://{names[0]}:{self.port}"


def of(project: Project) -> Address:
    """The address of a stack that runs; without one, where it would listen."""
    if project.mode is CLUSTER:
        return _of_cluster(project)
    set_host = bind_address(project.root)
    host = "localhost" if set_host in EVERY_ADDRESS else set_host
    if project.mode is LOCAL:
        return Address(host, project.port)
    app = project.containers().get("app")
    if app is None or app.status != "running":
        return Address(host, project.port)
    return of_container(app) or Address(host, project.port)


def _of_cluster(project: Project) -> Address:
    """Each node's own Traefik has the port; it ends TLS with the certificate that is given."""
    pair = certificates.variables(project.root)
    copy = project.root / certificates.COPIES[certificates.CERTIFICATE]
    certificate = copy.read_text(encoding="ascii", errors="replace") if pair else ""
    is_https = (dotenv.setting(project.root, "ALARM_HTTPS") or "").lower() in YES
    return Address("localhost", project.port, certificate, is_https and not certificate)


def of_container(app: Container) -> Address | None:
    """The address of an app's container; None where it has no port."""
    bindings = [binding for found in app.ports.values() for binding in found or ()]
    if not bindings:
        return None
    hosts = [binding["HostIp"] for binding in bindings]
    host = next((host for host in hosts if host not in EVERY_ADDRESS), "localhost")
    certificate = _certificate(app)
    is_https = _environment(app).get("ALARM_HTTPS", "").lower() in YES
    behind = is_https and not certificate
    return Address(host, int(bindings[0]["HostPort"]), certificate, behind)


def _certificate(app: Container) -> str:
    read = app.exec_run(["cat", "/run/secrets/tls_certificate"], stderr=False)
    assert isinstance(read.output, bytes)
    return read.output.decode("ascii", "replace") if read.exit_code == 0 else ""


def _environment(app: Container) -> dict[str, str]:
    return dict(pair.partition("=")[::2] for pair in app.attrs["Config"]["Env"])
