"""`.env`: each line is read as Docker Compose's two readers do, or refused with what to write."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

import pytest

from stack.config import dotenv
from stack.core.console import Failure

COMPOSE_FILE = """
services:
  app:
    image: app
    env_file: .env
    labels: {%s}
"""
"""A label shows a variable as Compose interpolates it."""

READ = {
    "pa'ss": "pa'ss",
    "'pa$word#1'": "pa$word#1",
    "'it\\'s $5'": "it's $5",
    "'a\\nb'": "a\\nb",
    "'c:\\dir'   # where": "c:\\dir",
    '"a # b"': "a # b",
    "a#b": "a#b",
    "a # b # c": "a",
    "": "",
    "   ": "",
    "'' # nothing": "",
    " two words ": "two words",
    "a=b": "a=b",
    "C:\\new": "C:\\new",
    "'two\nlines'": "two\nlines",
    "ä\r": "ä",
}
"""What stands after `NAME=`, and the value."""

REFUSED = {
    "PASSWORD=pa$word#1": ("would replace the $ in PASSWORD", "PASSWORD='…'"),
    "ALARM_HOSTS=a$b": ("would replace the $ in ALARM_HOSTS", "ALARM_HOSTS='a$b'"),
    'A="a${HOME}"': ("would replace the $ in A", "A='a${HOME}'"),
    "ALARM_BIND=   # this machine": ("would read the comment", "Write: ALARM_BIND=  "),
    "A=#fff": ("would read the comment", "Write: A=  "),
    "A=a\t# b": ("would read the comment", "Write: A=a  "),
    'A="a\\nb"': ("has a \\ in double quotes", "A='a\\nb'"),
    "A='open": ("is not closed", "A='…'"),
    "A='a\\'": ("is not closed", "A='…'"),
    "A='a'b": ("text follows", "A='…'"),
    "A: b": ("is not NAME=value: A…", "Write: A=…"),
    "A": ("is not NAME=value: A…", "put a # in front"),
    "A B=1": ("is not NAME=value: A…", "put a # in front"),
    "A.B=1": ("is not NAME=value: A.B…", "put a # in front"),
    "; comment": ("is not NAME=value: ;…", "put a # in front"),
    "=a": ("is not NAME=value: =…", "put a # in front"),
    "A=a\u200bb": ("an invisible character", "Type the line again: A="),
    "A=a\x00": ("an invisible character", "Type the line again: A="),
}
"""A line, and parts of the two lines that refuse it."""


def read(folder: Path, text: str) -> dict[str, str]:
    file = folder / ".env"
    file.write_bytes(text.encode())
    os.utime(file, ns=(0, random.randrange(2**60)))  # saved twice within one tick of the clock
    return dotenv.read(file)


def compose_reads(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of the folder's `.env` as Compose interpolates them, and as `env_file`."""
    names = dotenv.read(folder / ".env")
    labels = ", ".join(f"{name}: '${{{name}-}}'" for name in names)
    (folder / "compose.yml").write_text(COMPOSE_FILE % labels)
    config = ("docker-compose", "--file", "compose.yml", "config", "--format", "json")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(config, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    app = json.loads(done.stdout.replace("$$", "$"))["services"]["app"]
    return app["labels"], app["environment"]


@pytest.mark.parametrize("line", READ)
def test_a_value_is_read(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, f"A={line}\nB=1\n") == {"A": READ[line], "B": "1"}


@pytest.mark.parametrize("line", REFUSED)
def test_a_line_that_compose_reads_otherwise_is_refused(tmp_path: Path, line: str) -> None:
    what, remedy = REFUSED[line]
    with pytest.raises(Failure) as refused:
        read(tmp_path, f"# first\n\nZ='1\n2'\n{line}\nY=2\n")
    assert refused.value.what.startswith(".env, line 5")
    assert what in refused.value.what
    assert remedy in refused.value.remedy
    assert "pa$word" not in str(refused.value)


def test_names_are_read_with_spaces_and_export_and_the_last_one_counts(tmp_path: Path) -> None:
    text = "\ufeff  export A = 1\r\n\t# B=2\r\nC=3\r\nA=4"
    assert read(tmp_path, text) == {"A": "4", "C": "3"}


def test_docker_compose_reads_what_is_accepted_alike(tmp_path: Path) -> None:
    """Each accepted line of the table, and random ones, in one file."""
    dice = random.Random(1)
    pieces = [
        *"ab'\"\\#$= \t:;{}`",
        "\\'",
        "\\\\",
        " #",
        " # ",
        "${A}",
        "$$",
        "ä",
        "\n",
        "\r\n",
        "export ",
    ]
    values = [*READ, *(line.partition("=")[2] for line in REFUSED)]
    for _ in range(2500):
        quote = dice.choice(["", "'", '"'])
        values.append(quote + "".join(dice.choices(pieces, k=dice.randint(0, 6))) + quote)
    lines: list[str] = []
    ours: dict[str, str] = {}
    for number, value in enumerate(values):
        line = f"{dice.choice(['', 'export ', '  '])}V{number}{dice.choice(['', ' '])}={value}"
        try:
            ours |= dict(dotenv.assignments(".env", line))
        except Failure:
            continue
        lines.append(line)
    assert len(lines) > 400
    assert read(tmp_path, "\n".join(lines)) == ours
    interpolated, env_file = compose_reads(tmp_path)
    assert interpolated == ours
    assert env_file == ours


def test_any_value_can_be_written(tmp_path: Path) -> None:
    values = ["", "plain", "two words", "pa$word#1", "it's", "#", "a # b", '"', "a\\b"]
    text = "\n".join(dotenv.assignment(f"V{number}", value) for number, value in enumerate(values))
    assert list(read(tmp_path, text).values()) == values
    assert list(compose_reads(tmp_path)[0].values()) == values
