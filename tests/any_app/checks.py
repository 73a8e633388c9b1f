"""The steps of each app: what a person sees in development and in production."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import requests
from websocket import ABNF

from stack.core.polling import wait_until
from tests.any_app.apps import App
from tests.any_app.stack import Adopted
from tests.support.hmr import hmr_socket, load_module_graph
from tests.support.site import Site, Socket, assets_of
from tests.support.sources import edited

Step = Callable[[Adopted, App], None]


def inv(*words: str) -> Step:
    """A command of the app's own stack."""

    def step(app: Adopted, made: App) -> None:
        app.inv(*words)

    return step


def page(site: Site) -> None:
    """It and its assets are there."""
    answer = site.page()
    assert answer.status_code == 200, answer.text
    assert 'id="app"' in answer.text or 'id="root"' in answer.text, answer.text
    for path in assets_of(answer.text):
        assert site.get(path).status_code == 200, path


def api(site: Site, name: str) -> None:
    """It writes to the database and reads from it."""
    answer = site.http.post(f"{site.url}/api/items/", json={"name": name}, timeout=30)
    assert answer.status_code == 200, answer.text
    assert items(site)[-1] == name


def items(site: Site) -> list[str]:
    """The names that the API lists."""
    return list(site.get("/api/items/").json()["items"])


def websocket(site: Site, path: str) -> None:
    """It echoes, and a change over HTTP reaches it."""
    socket = Socket(site.connect(path))
    socket.send({"hello": 1})
    assert socket.wait_for("echo")["content"] == {"hello": 1}
    api(site, "heard")
    assert socket.wait_for("added")["name"] == "heard"
    socket.connection.close()


def silence(site: Site, path: str) -> None:
    """Nginx waits for the ping of Daphne, which comes after 90 s without a message."""
    connection = site.connect(path, timeout=180)
    opcode, _ = connection.recv_data(control_frame=True)
    assert opcode == ABNF.OPCODE_PING, opcode
    connection.close()


def uploads(site: Site) -> None:
    """An uploaded file is served as it is, beside one that Nginx could take for its short form."""
    texts = {"notes.txt": "plain", "notes.txt.gz": "not a short form"}
    for name, text in texts.items():
        answer = site.http.post(f"{site.url}/api/files/{name}", data=text, timeout=30)
        assert answer.json() == {"url": f"/media/{name}"}, answer.text
    for name, text in texts.items():
        answer = site.get(f"/media/{name}", headers={"Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.text) == (200, text), name
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def admin(site: Site) -> None:
    """Its login has styles."""
    login = site.get("/admin/")
    assert login.status_code == 200, login.text
    styles = [path for path in assets_of(login.text) if path.endswith(".css")]
    assert styles, login.text
    for path in styles:
        answer = site.get(path)
        found = (answer.status_code, answer.headers["Content-Type"].split(";")[0])
        assert found == (200, "text/css"), path


def errors(site: Site) -> None:
    """They show neither settings nor code."""
    answer = site.get("/api/no-such-address/")
    assert answer.status_code == 404, answer.text
    assert "DEBUG" not in answer.text, answer.text


LARGEST = 25 * 1024**2
"""What a request may have where app.toml says nothing: docs/any-app.md."""


def upload(site: Site) -> None:
    """The largest one arrives; a larger one is refused."""
    content = bytes(LARGEST - 1024)  # the rest is for the form around it

    def answer(file: bytes) -> requests.Response:
        return site.http.post(f"{site.url}/api/upload/", files={"file": file}, timeout=120)

    taken = answer(content)
    assert taken.status_code == 200, taken.text
    assert taken.json() == {"bytes": len(content)}
    with contextlib.suppress(requests.ConnectionError):  # refused before all of it was sent
        assert answer(bytes(LARGEST)).status_code == 413


def strict(app: Adopted) -> None:
    """Healthy with a list of hosts of its own and a redirect to HTTPS, which both work."""
    hosts = ("ALLOWED_HOSTS", "DJANGO_ALLOWED_HOSTS")
    with (app.root / ".env").open("a", encoding="utf-8") as env:
        env.write("".join(f"{name}=shop.example\n" for name in hosts) + "SHOP_REDIRECTS=yes\n")
    app.inv("prod")

    def status(host: str) -> int:
        url = f"{app.site.url}/api/items/"
        return app.site.http.get(
            url, headers={"Host": host}, timeout=30, allow_redirects=False
        ).status_code

    assert (status("shop.example"), status("127.0.0.1")) == (301, 400)


def update(app: Adopted, made: App) -> None:
    """A saved component reaches the browser without a reload of the page."""
    site, file = app.site, app.root / "frontend" / made.component
    entry = next(path for path in assets_of(site.page().text) if path.startswith("/src/"))
    load_module_graph(site, entry, set())
    socket = hmr_socket(site)
    with edited(file, "Get started", "Saved by a test"):
        message = socket.first(lambda message: message["type"] == "update", "update", 90)
        changed = message["updates"][0]
        module = site.get(f"{changed['path']}?t={changed['timestamp']}")
    assert "Saved by a test" in module.text, (changed, module.text[:500])


def migration(app: Adopted) -> None:
    """A new field: `inv dev.makemigrations` writes the migration, and the API goes on."""
    model = app.root / "backend" / "items" / "models.py"
    before = "name = models.CharField(max_length=100)\n"
    text = model.read_text(encoding="utf-8")
    added = f"{before}    price = models.IntegerField(default=0)\n"
    model.write_text(text.replace(before, added), encoding="utf-8")
    app.inv("dev.makemigrations", "--app", "items")
    assert list((model.parent / "migrations").glob("0002*.py"))
    app.inv("dev.migrate")
    wait_until("the API", lambda: app.site.get("/api/items/").status_code == 200, seconds=60)
    api(app.site, "migrated")


def restore(app: Adopted) -> None:
    """What was written after the backup is gone, and the uploaded files are there."""
    before = items(app.site)
    file = app.inv("prod.backup").strip().splitlines()[-1]
    api(app.site, "too late")
    app.inv("prod.restore", Path(file).name, "--yes")
    assert items(app.site) == before
    assert app.site.get("/media/notes.txt").text == "plain"


STEPS: dict[str, Step] = {
    "dev": inv("dev", "--detach"),
    "dev page": lambda app, made: page(app.site),
    "dev update": update,
    "dev api": lambda app, made: api(app.site, "first"),
    "dev socket": lambda app, made: websocket(app.site, made.socket),
    "dev admin": lambda app, made: admin(app.site),
    "dev migration": lambda app, made: migration(app),
    "dev smoke": inv("dev.smoke"),
    "dev down": inv("dev.down"),
    "prod": inv("prod"),
    "prod page": lambda app, made: page(app.site),
    "prod api": lambda app, made: api(app.site, "second"),
    "prod errors": lambda app, made: errors(app.site),
    "prod socket": lambda app, made: websocket(app.site, made.socket),
    "prod silence": lambda app, made: silence(app.site, made.socket),
    "prod upload": lambda app, made: upload(app.site),
    "prod uploads": lambda app, made: uploads(app.site),
    "prod admin": lambda app, made: admin(app.site),
    "prod restore": lambda app, made: restore(app),
    "prod smoke": inv("prod.smoke"),
    "prod again": inv("prod"),
    "prod strict": lambda app, made: strict(app),
    "prod down": inv("prod.down"),
}
"""In this order."""
