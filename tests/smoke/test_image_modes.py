"""The image's folders and files can be used by every user that runs in it.

A `COPY` in a Dockerfile can close a folder of the base image: with `--chmod` its mode is given to
the folders on the way, too, by some versions of BuildKit.
"""

from __future__ import annotations

import pytest
from docker import DockerClient

from stack import images, lifecycle
from stack.modes import DEV, Stack

pytestmark = [pytest.mark.mode("dev", "prod"), pytest.mark.own_stack]

BROUGHT = ("/app", "/venv", "/usr/local", "/entrypoint.sh", "/etc")
"""Where our own files are, and the folder that every program looks into."""


@pytest.fixture(scope="module")
def base(stack: Stack, client: DockerClient) -> str:
    choices = images.choose(client, stack.root)
    return next(choice.image for choice in choices if choice.variable == "PYTHON_IMAGE")


@pytest.fixture(scope="module")
def image(stack: Stack, client: DockerClient) -> str:
    return str(lifecycle.containers(stack, client)["app"].attrs["Image"])


def find(client: DockerClient, image: str, user: str, *expression: str) -> list[str]:
    """What find(1) prints in the image as `user`; what is not there is no error."""
    command = ["-c", 'find "$@" 2>/dev/null || true', "find", *expression]
    found = client.containers.run(image, command, entrypoint=["sh"], user=user, remove=True)
    return found.decode().splitlines()


def test_no_folder_of_the_base_image_has_another_mode_or_owner(
    client: DockerClient, base: str, image: str
) -> None:
    every_folder = ("/", "-xdev", "-type", "d", "-printf", "%m %u:%g %p\n")
    before = {line.split(" ", 2)[2]: line for line in find(client, base, "0", *every_folder)}
    after = {line.split(" ", 2)[2]: line for line in find(client, image, "0", *every_folder)}
    assert {"/", "/etc", "/usr/local/bin"} <= before.keys() & after.keys()
    changed = {after[path] for path in before.keys() & after.keys() if before[path] != after[path]}
    assert changed == set()


def test_every_user_can_read_what_the_image_brings(
    stack: Stack, client: DockerClient, base: str, image: str
) -> None:
    # In development it is the host's user, which can have any number.
    user = "4242:4242" if stack.mode is DEV else "10001:10001"
    # A folder that cannot be entered counts as well as a file that cannot be read.
    closed = ("-type", "d", "!", "-executable", "-print", "-prune")
    unreadable = ("!", "-type", "l", "!", "-readable", "-print", "-prune")
    where = (*BROUGHT, *closed, "-o", *unreadable)
    of_debian = set(find(client, base, user, *where))  # /etc/shadow, for example
    assert set(find(client, image, user, *where)) - of_debian == set()


def test_no_file_of_the_app_is_a_program_by_its_mode(
    stack: Stack, client: DockerClient, image: str
) -> None:
    if stack.mode is not DEV:  # there the sources are mounted
        executable = ("/app", "-type", "f", "-perm", "/111", "!", "-path", "*/node_modules/*")
        assert find(client, image, "0", *executable) == []
