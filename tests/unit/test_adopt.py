"""inv adopt: what it finds in an app, and what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from stack.adopt import contents, own_settings, packages, places
from stack.adopt.backend import Backend, wanted_python
from stack.adopt.python_code import Read, Settings
from stack.config import dotenv
from stack.config.modes import ROOT
from stack.core.console import Failure
from tests.support.invoke import INV, refusal, run_inv

MANAGE = 'import os; os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{}")\n'
PLAIN = """
SECRET_KEY = "django-insecure-x"
DEBUG = True
ALLOWED_HOSTS = []
ROOT_URLCONF = "shop.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
STATIC_URL = "static/"
"""
READS_ALL = """
import environ
from pathlib import Path
env = environ.Env()
SECRET_KEY = env("DJANGO_SECRET_KEY")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATABASES = {"default": env.db()}
STATIC_URL, STATIC_ROOT = "/static/", "static"
STATIC_URL = "/static/"
STATIC_ROOT = "static"
ASGI_APPLICATION = "shop.asgi.application"
"""
VITE = json.dumps({"devDependencies": {"vite": "8"}, "scripts": {"build": "vite build"}})


def app(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def django(settings: str = PLAIN, folder: str = "backend/") -> dict[str, str]:
    return {
        f"{folder}manage.py": MANAGE.format("shop.settings"),
        f"{folder}shop/asgi.py": MANAGE.format("shop.settings"),
        f"{folder}shop/settings.py": settings,
        f"{folder}requirements.txt": "Django==5.2\nchannels_redis\n",
    }


def page(folder: str = "frontend/") -> dict[str, str]:
    return {f"{folder}package.json": VITE, f"{folder}index.html": "<div id=root></div>"}


def backend(root: Path) -> Backend:
    folder = places.backend(root)
    return Backend(folder, packages.find(folder, root))


@pytest.mark.parametrize("folder", ["backend/", "", "server/src/"])
def test_the_backend_is_the_folder_with_manage_py(tmp_path: Path, folder: str) -> None:
    ignored = ("node_modules/x/", ".venv/lib/", "{{cookiecutter.name}}/", "tests/project/")
    others = {f"{place}manage.py": MANAGE.format("other.settings") for place in ignored}
    app(tmp_path, {**others, **django(folder=folder)})
    assert places.backend(tmp_path) == tmp_path / folder


@pytest.mark.parametrize("files", [{"vite.config.js": ""}, {}])
def test_the_frontend_is_the_folder_with_vite(tmp_path: Path, files: dict[str, str]) -> None:
    own = {f"web/{name}": text for name, text in files.items()}
    package = {"web/package.json": "{}" if files else VITE}
    tools = {"package.json": '{"devDependencies": {"prettier": "3"}}'}
    app(tmp_path, {**tools, **own, **package, "web/node_modules/vite/package.json": VITE})
    assert places.frontend(tmp_path) == tmp_path / "web"


@pytest.mark.parametrize(
    ("files", "chosen", "said"),
    [
        ({**django(), **django(folder="admin/")}, "", "more than one backend: admin, backend"),
        ({**django(), **page(), **page("shop/")}, "", "more than one frontend: frontend, shop"),
        (page(), "", "The app has no backend"),
        (django(), "", "The app has no frontend"),
        ({**django(), **page()}, "web", "--backend web: there is no manage.py"),
        ({**django(), **page()}, "../elsewhere", "there is no manage.py"),
    ],
)
def test_what_is_missing_or_there_twice_is_an_error(
    tmp_path: Path, files: dict[str, str], chosen: str, said: str
) -> None:
    app(tmp_path, files)

    def look() -> None:
        places.backend(tmp_path, chosen)
        places.frontend(tmp_path)

    with pytest.raises(Failure, match=said):
        look()


def test_a_choice_of_two_backends(tmp_path: Path) -> None:
    app(tmp_path, {**django(), **django(folder="admin/")})
    assert places.backend(tmp_path, "admin") == tmp_path / "admin"


LOCK = '[[package]]\nname = "Django"\n[[package]]\nname = "psycopg"\n'
REQUIREMENTS = {
    "requirements.txt": ({"backend/requirements.txt": "django\n"}, {"django"}),
    "requirements/production.txt": (
        {
            "backend/requirements/production.txt": "-r base.txt\ngunicorn\n",
            "backend/requirements/base.txt": "Django[argon2]>=5  # web\n",
        },
        {"django", "gunicorn"},
    ),
    "requirements/prod.txt": ({"requirements/prod.txt": "django\n"}, {"django"}),
    "uv.lock": ({"uv.lock": LOCK, "pyproject.toml": ""}, {"django", "psycopg"}),
    "poetry.lock": (
        {"backend/poetry.lock": LOCK, "backend/pyproject.toml": ""},
        {"django", "psycopg"},
    ),
}


@pytest.mark.parametrize("wanted", REQUIREMENTS)
def test_the_list_of_packages_is_in_or_above_the_backend(tmp_path: Path, wanted: str) -> None:
    files, names = REQUIREMENTS[wanted]
    app(tmp_path, {"backend/manage.py": "django", **files})
    found = packages.find(tmp_path / "backend", tmp_path)
    assert (found.production, set(found.names)) == (wanted, names)
    assert set(found.files()) == {tmp_path / name for name in files}


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("Pipfile.lock", "Pipfile.lock, which the image does not read"),
        ("pyproject.toml", "pyproject.toml has no lock file"),
        ("environment.yml", "in no file that the image reads"),
        ("uv.lock", "uv.lock has no pyproject.toml beside it"),
    ],
)
def test_a_form_of_packages_that_the_image_cannot_install_is_an_error(
    tmp_path: Path, file: str, said: str
) -> None:
    app(tmp_path, {"backend/manage.py": "django", file: ""})
    with pytest.raises(Failure, match=said):
        packages.find(tmp_path / "backend", tmp_path)


@pytest.mark.parametrize("list_", ["requirements.txt", "requirements-dev.txt"])
def test_a_list_that_includes_one_outside_of_its_folder_is_an_error(
    tmp_path: Path, list_: str
) -> None:
    included = {f"backend/{list_}": "-r ../shared/base.txt\n", "shared/base.txt": "django\n"}
    shop = app(tmp_path / "shop", {**django(), **page(), **included})
    said = refusal(run_inv("adopt", str(shop)))
    assert "A list of packages in backend/ includes ../shared/base.txt" in said


SPLIT = {
    "manage.py": MANAGE.format("config.settings.local"),
    "config/asgi.py": MANAGE.format("config.settings.production"),
    "config/settings/__init__.py": "",
    "config/settings/base.py": READS_ALL,
    "config/settings/local.py": "from .base import *\nDEBUG = True\n",
    "config/settings/production.py": 'from .base import *\nfrom os import environ\nenviron["S3"]\n',
    "requirements.txt": "django\n",
}


def test_the_settings_of_each_mode_are_those_that_its_file_names(tmp_path: Path) -> None:
    found = backend(app(tmp_path, SPLIT))
    assert found.settings.module == "config.settings.production"
    assert found.development_settings.module == "config.settings.local"
    assert found.asgi == "shop.asgi:application"
    assert found.required == ["S3"]
    assert own_settings.write(found).texts == {}


READS = {
    'import os\nA = os.environ["X"]': True,
    'import os\nA = os.environ.get("X")': False,
    'import os\nA = os.getenv("X", "")': False,
    'env = Env()\nA = env("X")': True,
    'env = Env()\nA = env("X", default=None)': False,
    'env = Env()\nA = env.list("X", [])': False,
    'env = Env(X=(bool, False))\nA = env("X")': False,
    'from core import env\nA = env.flag("X")': False,
    'from decouple import config\nA = config("X")': True,
    'from decouple import config as c\nA = c("X", default=1)': False,
    'import os\nA = os.environ["X"]\nB = os.environ.get("X")': False,
}


@pytest.mark.parametrize("text", READS)
def test_a_variable_without_a_default_is_required(tmp_path: Path, text: str) -> None:
    app(tmp_path, {"settings.py": text})
    reads = Settings(tmp_path, "settings").reads()
    assert {read.name for read in reads} == {"X"}
    assert (Read("X", True) in reads) == READS[text]


def test_plain_settings_get_every_part(tmp_path: Path) -> None:
    found = own_settings.write(backend(app(tmp_path, django())))
    assert tomllib.loads(found.texts["app.toml"]) == {
        "settings": "stack_settings",
        "asgi": "shop.asgi:application",
    }
    environment = {
        "POSTGRES_HOST": "db",
        "POSTGRES_DB": "alarm_db",
        "SECRET_KEY": "s",
        "DEBUG": "False",
        "ALLOWED_HOSTS": "*",
        "CSRF_TRUSTED_ORIGINS": "http://a:1,http://b:2",
    }
    folder = tmp_path / "backend"
    app(folder, found.texts)
    names = "DATABASES SECRET_KEY DEBUG ALLOWED_HOSTS CSRF_TRUSTED_ORIGINS ASGI_APPLICATION"
    values = f"[vars(settings)[name] for name in '{names}'.split()]"
    script = f"import json, stack_settings as settings; print(json.dumps({values}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, env=environment, capture_output=True, text=True
    )
    databases, *others = json.loads(done.stdout)
    assert databases["default"]["HOST"] == "db"
    origins = ["http://a:1", "http://b:2"]
    assert others == ["s", False, ["*"], origins, "shop.asgi.application"]


OTHER_NAMES = """
import os
SECRET_KEY = os.environ["SHOP_KEY"]
STRIPE_KEY = os.environ["STRIPE_KEY"]
DATABASES = {"default": {"HOST": os.environ["SHOP_DB"], "PASSWORD": os.environ["STRIPE_KEY"]}}
"""


def test_variables_that_only_replaced_settings_read_need_no_value(tmp_path: Path) -> None:
    files = own_settings.write(backend(app(tmp_path, django(OTHER_NAMES))))
    assert files.replaced == {"SHOP_KEY", "SHOP_DB"}
    folder = app(tmp_path / "backend", files.texts)
    done = subprocess.run(
        [sys.executable, "-c", "import stack_settings"],
        cwd=folder,
        env={"STRIPE_KEY": "sk"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


ENGINES = """
ENGINE = "sqlite"
SEARCH_ENGINE = os.environ["SEARCH_ENGINE"]
DATABASES = {"default": {"ENGINE": os.environ["DB_KIND"], "NAME": os.environ["DB_FILE"]}}
"""


def test_only_the_variable_of_the_databases_engine_gets_postgresql(tmp_path: Path) -> None:
    shop = app(tmp_path / "shop", {**django("import os\n" + READS_ALL + ENGINES), **page()})
    run_inv("adopt", str(shop)).check_returncode()
    example = (tmp_path / "shop-stack" / ".env.example").read_text()
    assert "\nDB_KIND=django.db.backends.postgresql\n" in example
    assert "\n# DB_FILE=\n# SEARCH_ENGINE=\n" in example.replace(
        "DB_KIND=django.db.backends.postgresql\n", ""
    )


ASSIGNS = 'import os\nos.environ["DJANGO_SETTINGS_MODULE"] = "shop.settings"  # ours\n'


def test_files_that_assign_the_settings_name_a_default_in_the_copy(tmp_path: Path) -> None:
    files = {**django(), **page(), "backend/shop/asgi.py": ASSIGNS}
    shop = app(tmp_path / "shop", files)
    done = run_inv("adopt", str(shop))
    assert "changed in the copy" in done.stdout
    script = "import shop.asgi, os; print(os.environ['DJANGO_SETTINGS_MODULE'])"
    env = {"DJANGO_SETTINGS_MODULE": "stack_settings"}
    for folder, named in ((shop, "shop.settings"), (tmp_path / "shop-stack", "stack_settings")):
        command = [sys.executable, "-c", script]
        ran = subprocess.run(command, cwd=folder / "backend", env=env, capture_output=True)
        assert ran.stdout.decode().strip() == named, ran.stderr


COOKIECUTTER = {
    "manage.py": MANAGE.format("config.settings.local"),
    "config/asgi.py": MANAGE.format("config.settings.production"),
    "config/settings/__init__.py": "",
    "config/settings/base.py": """
import environ
env = environ.Env()
READ_DOT_ENV_FILE = env.bool("DJANGO_READ_DOT_ENV_FILE", default=False)
DEBUG = env.bool("DJANGO_DEBUG", False)
DATABASES = {"default": env.db("DATABASE_URL")}
REDIS_URL = env("REDIS_URL", default="redis://redis:6379/0")
STATIC_URL, STATIC_ROOT = "/static/", "staticfiles"
""",
    "config/settings/local.py": """
from .base import *
SECRET_KEY = env("DJANGO_SECRET_KEY", default="x")
ALLOWED_HOSTS = ["localhost"]
""",
    "config/settings/production.py": """
from .base import *
SECRET_KEY = env("DJANGO_SECRET_KEY")
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["example.com"])
CACHES = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": env("REDIS_URL")}}
ADMIN_URL = env("DJANGO_ADMIN_URL")
SECURE_SSL_REDIRECT = env.bool("DJANGO_SECURE_SSL_REDIRECT", default=True)
""",
    "requirements/base.txt": "django\ndjango-redis\n",
    "requirements/local.txt": "-r base.txt\n",
    "requirements/production.txt": "-r base.txt\n",
}


def test_settings_in_packages_keep_their_modules_and_name_what_they_require(
    tmp_path: Path,
) -> None:
    shop = app(tmp_path / "shop", {**COOKIECUTTER, **page()})
    done = run_inv("adopt", str(shop))
    done.check_returncode()
    toml = tomllib.loads((tmp_path / "shop-stack/backend/app.toml").read_text())
    assert toml["settings"] == "config.settings.production"
    assert toml["development-settings"] == "stack_development_settings"  # for ALLOWED_HOSTS
    assert "The settings fail without: DJANGO_ADMIN_URL" in done.stderr
    assert "requirements/production.txt" in done.stdout
    assert "Redis" in done.stdout
    assert "for plain HTTP: DJANGO_SECURE_SSL_REDIRECT=False" in done.stderr


def test_settings_that_read_everything_get_nothing(tmp_path: Path) -> None:
    assert own_settings.write(backend(app(tmp_path, django(READS_ALL)))).texts == {}


def test_settings_that_read_a_number_get_one(tmp_path: Path) -> None:
    number = READS_ALL.replace('env.bool("DEBUG", False)', 'int(os.environ.get("DEBUG", 0))')
    files = own_settings.write(backend(app(tmp_path, django(number))))
    lines = files.texts["stack_settings.py"].partition("from shop.settings")[0]
    for given, read in (("True", "1"), ("False", "0")):
        script = f"import os\nos.environ['DEBUG'] = '{given}'\n{lines}\nprint(os.environ['DEBUG'])"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.stdout.strip() == read, done.stderr


def test_an_app_with_an_app_toml_of_its_own_keeps_it(tmp_path: Path) -> None:
    app(tmp_path, {**django(), "backend/app.toml": 'health = "/up"\n'})
    assert own_settings.write(backend(tmp_path)).texts == {}


def test_only_what_the_settings_do_not_read_is_added(tmp_path: Path) -> None:
    text = READS_ALL.replace('env("DJANGO_SECRET_KEY")', '"written out"')
    found = own_settings.write(backend(app(tmp_path, django(text))))
    assert set(found.added) == {"SECRET_KEY", "SECURE_PROXY_SSL_HEADER"}


def test_packages_that_the_user_names_are_in_app_toml(tmp_path: Path) -> None:
    app(tmp_path, {**SPLIT, "deps/web.txt": "django\n"})
    found = Backend(tmp_path, packages.find(tmp_path, tmp_path, "deps/web.txt"))
    written = tomllib.loads(own_settings.write(found).texts["app.toml"])
    assert written == {"requirements": "deps/web.txt"}


def test_the_health_address_is_found_in_what_urls_include(tmp_path: Path) -> None:
    urls = 'urlpatterns = [path("api/", include("shop.api")), path("admin/", site)]'
    api = 'urlpatterns = [path("items/", items), path("healthz/", health)]'
    app(tmp_path, {**django(), "backend/shop/urls.py": urls, "backend/shop/api.py": api})
    assert backend(tmp_path).health == "/api/healthz/"
    app(tmp_path, {"backend/app.toml": "health = false\n"})
    assert backend(tmp_path).health == ""


ROUTING = """
websocket_urlpatterns = [
    re_path(r"^ws/chat/(?P<room>\\w+)/$", Chat.as_asgi()),
    path("live/<int:pk>/", consumers.Live.as_asgi()),
    path("feed", Feed.as_asgi()),
]
"""


def test_websockets_outside_of_ws_become_prefixes(tmp_path: Path) -> None:
    app(tmp_path, {**django(), "backend/shop/routing.py": ROUTING})
    found = backend(tmp_path)
    assert found.sockets == ["/feed/", "/live/", "/ws/chat/"]
    written = tomllib.loads(own_settings.write(found).texts["app.toml"])
    assert written["prefixes"] == ["/feed/", "/live/"]


@pytest.mark.parametrize(
    ("routing", "wanted"),
    [
        ('[path("live/", URLRouter([path("<int:pk>/", Live.as_asgi())]))]', ["/live/"]),
        ('[re_path(r"(?P<room>.*)/$", Live.as_asgi())]', ["/"]),
        ('[path("room-<int:pk>/", Live.as_asgi())]', ["/"]),
        ('[path("rooms/n<int:pk>/", Live.as_asgi())]', ["/rooms/"]),
        ('[path("items/", Items.as_view())]', []),
    ],
)
def test_websockets_within_routers_and_without_a_fixed_word(
    tmp_path: Path, routing: str, wanted: list[str]
) -> None:
    app(tmp_path, {**django(), "backend/shop/routing.py": f"patterns = {routing}\n"})
    assert backend(tmp_path).sockets == wanted


def test_channels_its_layer_and_other_services_are_found(tmp_path: Path) -> None:
    layer = 'CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer"}}'
    app(tmp_path, {**django(PLAIN + layer)})
    found = backend(tmp_path)
    assert found.channel_layer == "channels_redis"
    assert found.engine == "sqlite3"
    assert [service for service, _ in found.services()] == ["Redis"]


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.12"\n'}, ">=3.12"),
        ({".python-version": "3.13\n"}, "3.13"),
        ({"backend/runtime.txt": "python-3.12.4\n"}, "3.12.4"),
        ({}, ""),
    ],
)
def test_the_wanted_python(tmp_path: Path, files: dict[str, str], wanted: str) -> None:
    app(tmp_path, {**django(), **files})
    assert wanted_python(tmp_path / "backend", tmp_path)[0] == wanted


def test_the_wanted_node_and_the_lock_of_the_page(tmp_path: Path) -> None:
    app(tmp_path, {**page(), ".nvmrc": "22\n", "frontend/yarn.lock": ""})
    assert places.wanted_node(tmp_path / "frontend", tmp_path) == ("22", ".nvmrc")
    assert places.lock_of(tmp_path / "frontend") == "yarn.lock"
    app(tmp_path, {"frontend/package.json": '{"engines": {"node": ">=20"}}'})
    assert places.wanted_node(tmp_path / "frontend", tmp_path) == (">=20", "package.json")


SECRETS = {
    "backend/.env": "PASSWORD=hunter2\n",
    "frontend/.env.production": "TOKEN=hunter2\nVITE_API=/api/\n",
    "backend/db.sqlite3": "hunter2",
    "backend/key.pem": "hunter2",
    "frontend/node_modules/x/index.js": "hunter2",
    "frontend/dist/index.html": "hunter2",
}


def test_adopt_writes_a_stack_with_the_app(tmp_path: Path) -> None:
    shared = {"frontend/.env": "VITE_API=/api/\n", "backend/.env.example": "PASSWORD=\n"}
    shop = app(tmp_path / "My Shop", {**django(), **page(), **SECRETS, **shared})
    before = sorted(shop.rglob("*"))
    done = run_inv("adopt", str(shop))
    assert done.returncode == 0, done.stderr
    made = tmp_path / "My Shop-stack"
    assert sorted(shop.rglob("*")) == before
    assert sorted(os.listdir(tmp_path)) == ["My Shop", "My Shop-stack"]
    for name in (*shared, "backend/app.toml", "backend/stack_settings.py", "docs/any-app.md"):
        assert (made / name).is_file(), name
    texts = [
        f.read_text(encoding="utf-8", errors="replace") for f in made.rglob("*.*") if f.is_file()
    ]
    assert not [text for text in texts if text == "hunter2" or "=hunter2" in text]
    assert "backend/stack_settings.py" in done.stdout
    assert "may hold secrets: backend/.env\n" in done.stderr
    assert dotenv.read(made / ".env")["ALARM_NAME"].startswith("my-shop-")
    listed = run_inv("--list", root=made)
    assert "prod.upgrade" in listed.stdout, listed.stderr
    assert "✗" not in run_inv("env", root=made, DOCKER_HOST="unix:///nowhere.sock").stderr
    assert sorted(os.listdir(made / ".secrets")) == ["postgres_password", "secret_key"]


@pytest.mark.parametrize("mode", ["dev", "prod"])
def test_the_new_folder_has_smoke_checks_without_the_alarms(tmp_path: Path, mode: str) -> None:
    shop = app(tmp_path / "shop", {**django(), **page()})
    run_inv("adopt", str(shop)).check_returncode()
    collect = ("pytest", "tests/smoke", "--mode", mode, "--collect-only", "-q", "-p", "no:asyncio")
    done = subprocess.run(
        [sys.executable, "-m", *collect],
        cwd=tmp_path / "shop-stack",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_health_is_ok" in done.stdout  # with which inv prod.upgrade begins
    assert "alarm" not in done.stdout


@pytest.mark.parametrize(("back", "front"), [("", "web/"), ("server/", "")])
def test_a_part_at_the_top_is_copied_without_the_other(
    tmp_path: Path, back: str, front: str
) -> None:
    shop = app(tmp_path / "shop", {**django(folder=back), **page(front)})
    run_inv("adopt", str(shop), "--into", str(tmp_path / "new")).check_returncode()
    copied = [str(p.relative_to(tmp_path / "new")) for p in (tmp_path / "new").rglob("*")]
    assert {"backend/manage.py", "frontend/package.json"} <= set(copied)
    assert len([name for name in copied if name.endswith("/manage.py")]) == 1
    parts = ("backend/", "frontend/")
    pages = [n for n in copied if n.startswith(parts) and n.endswith("/package.json")]
    assert pages == ["frontend/package.json"]


def test_lists_of_packages_above_the_backend_are_copied_into_it(tmp_path: Path) -> None:
    files = {**django(), **page(), "uv.lock": LOCK, "pyproject.toml": "[project]\n"}
    del files["backend/requirements.txt"]
    shop = app(tmp_path / "shop", files)
    run_inv("adopt", str(shop)).check_returncode()
    assert (tmp_path / "shop-stack" / "backend" / "uv.lock").read_text() == LOCK


def test_a_git_url_is_cloned_without_its_history(tmp_path: Path) -> None:
    shop = app(tmp_path / "shop", {**django(), **page()})
    git = ("git", "-C", str(shop), "-c", "user.name=a", "-c", "user.email=a@b.example")
    for words in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run([*git, *words], check=True)
    made = tmp_path / "new"
    run_inv("adopt", f"file://{shop}", "--into", str(made)).check_returncode()
    assert (made / "backend" / "manage.py").exists()
    assert not (made / "backend" / ".git").exists()


def test_git_says_why_in_two_lines_without_the_password(tmp_path: Path) -> None:
    url = "http://me:hunter2@localhost:1/shop.git"
    said = refusal(run_inv("adopt", url, "--into", str(tmp_path / "new")))
    assert "git cannot clone http://localhost:1/shop.git" in said
    assert "hunter2" not in said


def test_nothing_is_left_where_the_app_cannot_be_adopted(tmp_path: Path) -> None:
    app(tmp_path / "shop", django())
    assert "no frontend" in refusal(run_inv("adopt", str(tmp_path / "shop")))
    taken = app(tmp_path / "taken", {"a": ""})
    app(tmp_path / "shop", page())
    words = ("adopt", str(tmp_path / "shop"), "--into", str(taken))
    assert "exists and is not empty" in refusal(run_inv(*words))
    assert sorted(os.listdir(tmp_path)) == ["shop", "taken"]


def test_an_interrupted_copy_leaves_nothing(tmp_path: Path) -> None:
    shop = app(tmp_path / "shop", {**django(), **page()})
    app(shop, {f"backend/data/{number}": "x" * 1000 for number in range(1500)})
    command = [*INV, "adopt", str(shop)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 60
    while len(os.listdir(tmp_path)) == 1 and time.monotonic() < limit:
        time.sleep(0.01)
    process.send_signal(2)
    _, said = process.communicate(timeout=60)
    assert "✗ Interrupted.\n  → Nothing was written." in said
    assert os.listdir(tmp_path) == ["shop"]


def test_each_replaced_text_is_in_its_file() -> None:
    for path, pairs in contents.REPLACED.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        for old, _ in pairs:
            assert old.format(old="alarm") in text, f"{path}: {old}"
    assert contents.MARK in (ROOT / ".env.example").read_text(encoding="utf-8")
