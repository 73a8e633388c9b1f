"""The image's folders and files can be used by every user that runs in it.

A `COPY` in a Dockerfile can close a folder of the base image: with `--chmod`, some versions of
BuildKit give the mode to parent folders, too.
"""

from __future__ import annotations

import pytest
from docker import DockerClient

from stack.compose.project import Project
from stack.config.modes import DEV
from stack.images import base_images

pytestmark = pytest.mark.mode("dev", "prod")

BROUGHT = ("/app", "/venv", "/usr/local", "/entrypoint.sh", "/etc")
"""The folders of our own files, and the one that every process reads."""


@pytest.fixture(scope="module")
def base(project: Project) -> str:
    choices = base_images.choose(project.client, project.root)
    return next(choice.image for choice in choices if choice.variable == "PYTHON_IMAGE")


@pytest.fixture(scope="module")
def image(project: Project) -> str:
    return str(project.containers()["app"].attrs["Image"])


def find(client: DockerClient, image: str, user: str, *expression: str) -> list[str]:
    """What find(1) prints in the image as `user`; what is not there is no error."""
    command = ["-c", 'find "$@" 2>/dev/null || true', "find", *expression]
    found = client.containers.run(image, command, entrypoint=["sh"], user=user, remove=True)
    return found.decode().splitlines()


def test_the_base_images_folders_keep_mode_and_owner(
    client: DockerClient, base: str, image: str
) -> None:
    every_folder = ("/", "-xdev", "-type", "d", "-printf", "%m %u:%g %p\n")
    before = {line.split(" ", 2)[2]: line for line in find(client, base, "0", *every_folder)}
    after = {line.split(" ", 2)[2]: line for line in find(client, image, "0", *every_folder)}
    assert {"/", "/etc", "/usr/local/bin"} <= before.keys() & after.keys()
    changed = {after[path] for path in before.keys() & after.keys() if before[path] != after[path]}
    assert changed == set()


def test_every_user_can_read_the_images_files(project: Project, base: str, image: str) -> None:
    # In development it is the host's user, which can have any id.
    user = "4242:4242" if project.mode is DEV else "10001:10001"
    # A folder that cannot be entered counts as well as a file that cannot be read.
    closed = ("-type", "d", "!", "-executable", "-print", "-prune")
    unreadable = ("!", "-type", "l", "!", "-readable", "-print", "-prune")
    where = (*BROUGHT, *closed, "-o", *unreadable)
    of_debian = set(find(project.client, base, user, *where))  # /etc/shadow, for example
    assert set(find(project.client, image, user, *where)) - of_debian == set()


def test_no_file_of_the_app_is_executable(project: Project, image: str) -> None:
    if project.mode is not DEV:  # in development the sources are mounted
        executable = ("/app", "-type", "f", "-perm", "/111", "!", "-path", "*/node_modules/*")
        assert find(project.client, image, "0", *executable) == []
