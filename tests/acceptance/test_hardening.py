"""Contents of production's image: no build tools, no secrets."""

from __future__ import annotations

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack.compose.project import Project
from tests.support.containers import image_of
from tests.support.images import find
from tests.support.secret_files import secrets_of

pytestmark = pytest.mark.mode("prod")


def test_the_image_holds_no_build_tools(client: DockerClient, app: Container) -> None:
    tools = ("gcc", "cc", "g++", "make", "pip", "npm", "node", "git", "curl", "wget")
    for tool in tools:
        assert app.exec_run(["which", tool]).exit_code != 0, tool
    caches = ("/var/lib/apt/lists", "/var/cache/apt", "/root", "/home")
    dotfiles = ("-not", "-name", ".bash*", "-not", "-name", ".profile")
    assert find(client, image_of(app), *caches, "-type", "f", "-size", "+0", *dotfiles) == []


def test_no_secret_is_in_a_layer_or_the_history(project: Project, app: Container) -> None:
    image = image_of(app)
    history = str(image.history()) + str(image.attrs)
    # A module may be named after what it does with secrets.
    secret = ("-name", "*secret*", "-not", "-name", "*.py", "-not", "-name", "*.pyc")
    folders = ("/app", "/etc", "/run")
    assert find(project.client, image, *folders, *secret, "-o", "-name", ".env*") == []
    secrets = secrets_of(project)
    end = b""
    for chunk in image.save():  # every layer, with files that a later layer removes
        text = end + chunk
        assert not [name for name, value in secrets.items() if value in text]
        end = chunk[-200:]
    assert not [name for name, value in secrets.items() if value.decode() in history]
