"""Files through Nginx: the largest script of the page, and the page itself with all its headers."""

from __future__ import annotations

from tests.bench import beside
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_least
from tests.bench.stand import Stand
from tests.bench.wrk import Load, Result

PRODUCT = "http://127.0.0.1:80"
PLAIN, COMPRESSING = 9101, 9102
ASSETS = "/app/frontend/dist/assets"


def largest_script(stand: Stand) -> str:
    """The name of the largest hashed script, e.g. `index-B2x.js`."""
    names = beside.shell(stand.app, f"cd {ASSETS} && ls -S -- *.js").split()
    return names[0]


def assets(stand: Stand) -> list[Row]:
    """The largest script, compressed both ways, and compressed anew for each request."""
    name = largest_script(stand)
    copies = f"{beside.FOLDER}/www"
    beside.shell(
        stand.app,
        f"mkdir -p {copies}; cp {ASSETS}/{name} {copies}/raw.js;"
        f"cp {ASSETS}/{name}.gz {copies}/gzip.js; cp {ASSETS}/{name}.br {copies}/br.js",
    )
    url = f"{PRODUCT}/assets/{name}"
    compress = f"root {copies}; gzip on; gzip_types *;"
    with (
        beside.nginx(stand.app, PLAIN, f"root {copies};"),
        beside.nginx(stand.app, COMPRESSING, compress),
    ):
        taken = interleaved(
            stand.rounds,
            gzip=lambda: stand.load(Load(url, ("Accept-Encoding: gzip",))),
            gzip_limit=lambda: stand.load(Load(f"http://127.0.0.1:{PLAIN}/gzip.js")),
            br=lambda: stand.load(Load(url, ("Accept-Encoding: br",))),
            br_limit=lambda: stand.load(Load(f"http://127.0.0.1:{PLAIN}/br.js")),
            anew=lambda: stand.load(
                Load(f"http://127.0.0.1:{COMPRESSING}/raw.js", ("Accept-Encoding: gzip",))
            ),
        )
    rows = [
        Row(
            f"largest script, {encoding}",
            "requests/s",
            rates(taken[encoding]),
            "the same bytes, nothing else configured",
            rates(taken[f"{encoding}_limit"]),
            at_least(0.9),
            name,
        )
        for encoding in ("gzip", "br")
    ]
    anew = "compressed for each request"
    rows.append(
        Row(
            "largest script, gzip, again",
            "requests/s",
            rates(taken["gzip"]),
            anew,
            rates(taken["anew"]),
            at_least(30),
        )
    )
    return rows


def page(stand: Stand) -> list[Row]:
    """index.html with all its headers, beside the same bytes from the configuration."""
    text = beside.shell(stand.app, "cat /app/frontend/dist/index.html")
    assert "$" not in text, "Nginx would take what follows a $ for a variable"
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    server = f"location / {{ default_type text/html; return 200 '{quoted}'; }}"
    with beside.nginx(stand.app, PLAIN, server):
        taken = interleaved(
            stand.rounds,
            page=lambda: stand.load(Load(f"{PRODUCT}/")),
            limit=lambda: stand.load(Load(f"http://127.0.0.1:{PLAIN}/")),
        )
    limit = "return 200 with the same bytes"
    return [
        Row(
            "index.html, all headers",
            "requests/s",
            rates(taken["page"]),
            limit,
            rates(taken["limit"]),
            at_least(0.6),
        )
    ]


def rates(results: list[Result]) -> list[float]:
    """Requests a second of each round."""
    return [result.rate for result in results]
