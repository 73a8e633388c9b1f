"""Processes for comparison, run from the product's image in its own container.

They share its processors, its network and its limits. Their files are in its /tmp, a tmpfs.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from docker.models.containers import Container

from stack.core.polling import wait_until

FOLDER = "/tmp/controls"

LIMIT = 120
"""The limit for a script in the container, in seconds."""

DAPHNE = "--no-server-name --access-log /dev/null --ping-interval 90"
"""The command in docker/prod/supervisord.conf."""

PLAIN_NGINX = """\
daemon off;
worker_processes 2;
pid {folder}/{port}.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    sendfile on;
    server {{
        listen 127.0.0.1:{port};
        {server}
    }}
}}
"""

CONNECTS = "exec 3<>/dev/tcp/127.0.0.1/{port}"
ANSWERS = "REVERSE_PROXY_PORT={port} HEALTH_PATH=/api/health/live/ healthcheck"


def shell(container: Container, script: str, stdin: bytes = b"") -> str:
    """Run a shell script in the container; return its output."""
    argv = ["docker", "exec", "--interactive", str(container.id)]
    argv += ["timeout", str(LIMIT), "bash", "-ec", script]
    done = subprocess.run(argv, input=stdin, capture_output=True, check=True)
    return done.stdout.decode()


@contextmanager
def program(
    container: Container, command: str, port: int, is_ready: str = CONNECTS
) -> Iterator[None]:
    """Run a command in the container; the block begins when its port answers."""
    started = f"mkdir -p {FOLDER}; echo $$ > {FOLDER}/{port}.id; exec {command}"
    log = f"{FOLDER}/{port}.log"
    shell(container, f"mkdir -p {FOLDER}; setsid bash -c {shlex.quote(started)} >{log} 2>&1 &")
    ready = ["bash", "-c", is_ready.format(port=port)]
    try:
        wait_until(command, lambda: container.exec_run(ready).exit_code == 0, seconds=60)
        yield
    finally:
        stop = (
            f"kill $(cat {FOLDER}/{port}.id); while kill -0 $(cat {FOLDER}/{port}.id); do :; done"
        )
        container.exec_run(["timeout", "10", "bash", "-c", stop])


@contextmanager
def nginx(container: Container, port: int, server: str) -> Iterator[None]:
    """An Nginx on `port` whose only configuration is `server`."""
    text = PLAIN_NGINX.format(folder=FOLDER, port=port, server=server)
    path = f"{FOLDER}/{port}.conf"
    shell(container, f"mkdir -p {FOLDER}; cat > {path}", text.encode())
    with program(container, f"nginx -c {path}", port):
        yield


def write_product_conf(container: Container, port: int, root: str) -> str:
    """Write the product's Nginx configuration for another port and other files; return its path."""
    path = f"{FOLDER}/{port}.conf"
    changes = f"s#root /app/frontend/dist;#root {root};#; s#^pid .*#pid {FOLDER}/{port}.pid;#;"
    changes += f" s#include /run/app/nginx/.*#listen 127.0.0.1:{port};#;"
    # The product uses the port for Prometheus.
    changes += f" s#listen 9427;#listen unix:{FOLDER}/{port}.sock;#"
    shell(container, f"mkdir -p {FOLDER}; sed '{changes}' /etc/nginx/nginx.conf > {path}")
    return path


@contextmanager
def daphne(container: Container, port: int, variables: str = "") -> Iterator[None]:
    """One Daphne process, by itself on `port`, with the product's application.

    `variables` are added to its environment, e.g. `LANG=C`.
    """
    metrics = f"{FOLDER}/metrics"  # a folder of its own, which the product does not read
    env = f"env PROMETHEUS_MULTIPROC_DIR={metrics} {variables}"
    command = f"mkdir -p {metrics}; ulimit -Sn $(ulimit -Hn)"
    command += f"; exec {env} run-daphne {port} {DAPHNE} $ASGI_APPLICATION"
    with program(container, f"bash -c {shlex.quote(command)}", port, ANSWERS):
        yield


@contextmanager
def daphnes(container: Container, *ports: int) -> Iterator[None]:
    """A single Daphne on each port."""
    with ExitStack() as running:
        for port in ports:
            running.enter_context(daphne(container, port))
        yield
