"""The stack's broker with the stack's certificate: the port that is published speaks TLS."""

import json
import socket
import ssl
import subprocess

import pytest
import trustme

from tests.conftest import until
from tests.mqtt import tools


def ask(*arguments: str) -> str:
    command = ["docker", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def port(authority, tmp_path):
    """The published port of a second broker, started like the first, but with a certificate."""
    pair = authority.issue_cert(tools.HOST)
    chain = b"".join(part.bytes() for part in pair.cert_chain_pems)
    for name, content in (("tls_certificate", chain), ("tls_key", pair.private_key_pem.bytes())):
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o444)
    tmp_path.chmod(0o755)
    (first,) = json.loads(ask("inspect", tools.CONTAINER))
    shell, *script = first["Config"]["Entrypoint"]
    own = "uid=1883,gid=1883,mode=0700"
    name = ask(
        *("run", "--detach", "--read-only", "--user", first["Config"]["User"]),
        *("--tmpfs", f"/run/broker:{own}", "--tmpfs", f"/mosquitto/data:{own}"),
        *("--tmpfs", "/tmp", "--env", f"MQTT_BROKER_PASSWORD={tools.PASSWORD}"),
        *("--mount", f"type=bind,source={tmp_path},target=/run/secrets,readonly"),
        *("--publish", f"{tools.HOST}::8883", "--entrypoint", shell, first["Image"], *script),
    ).strip()
    try:
        yield int(ask("port", name, "8883").splitlines()[0].rpartition(":")[2])
    finally:
        ask("rm", "--force", "--volumes", name)


CONNECT = bytes([0x10, 0x1B, 0, 4, *b"MQTT", 5, 0xC2, 0, 5, 0, 0, 0]) + b"\0\5alarm\0\5alarm"


def answer(port: int, context: ssl.SSLContext | None) -> bytes:
    """Log in as the panel; return what the broker answers, or nothing."""
    with socket.create_connection((tools.HOST, port), 5) as wire:
        wire.settimeout(5)
        end = context.wrap_socket(wire, server_hostname=tools.HOST) if context else wire
        end.sendall(CONNECT)
        return end.recv(4)


def accepts(port: int, context: ssl.SSLContext | None) -> bool:
    try:
        got = answer(port, context)
    except ssl.SSLCertVerificationError:
        raise
    except OSError:
        return False
    return got[:1] == b"\x20" and got[3:4] == b"\0"


def test_with_a_certificate_the_published_port_speaks_tls_only(port, authority):
    trusting = ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
    until(lambda: accepts(port, trusting), what="a login over TLS")
    with pytest.raises(ssl.SSLCertVerificationError):
        accepts(port, ssl.create_default_context())
    assert not accepts(port, None)


def test_without_one_it_does_not():
    assert accepts(tools.PUBLISHED, None)
