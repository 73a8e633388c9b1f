"""Files through Nginx: the largest script of the page, and the page itself with all its headers."""

from __future__ import annotations

import statistics

from tests.bench import controls
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_least
from tests.bench.testbed import Testbed
from tests.bench.wrk import Load, Result

PRODUCT = "http://127.0.0.1:80"
PLAIN, COMPRESSING, KEEPING = 9101, 9102, 9103
ASSETS = "/app/frontend/dist/assets"


def largest_script(testbed: Testbed) -> str:
    """The name of the largest hashed script, e.g. `index-B2x.js`."""
    names = controls.shell(testbed.app, f"cd {ASSETS} && ls -S -- *.js").split()
    return names[0]


def assets(testbed: Testbed) -> list[Row]:
    """The largest script, compressed in advance in both ways, and at each request."""
    name = largest_script(testbed)
    copies = f"{controls.FOLDER}/www"
    controls.shell(
        testbed.app,
        f"mkdir -p {copies}; cp {ASSETS}/{name} {copies}/raw.js;"
        f"cp {ASSETS}/{name}.gz {copies}/gzip.js; cp {ASSETS}/{name}.br {copies}/br.js",
    )
    url = f"{PRODUCT}/assets/{name}"
    compress = f"root {copies}; gzip on; gzip_types *;"
    with (
        controls.nginx(testbed.app, PLAIN, f"root {copies};"),
        controls.nginx(testbed.app, COMPRESSING, compress),
        controls.nginx(testbed.app, KEEPING, f"root {copies}; open_file_cache max=100;"),
    ):
        taken = interleaved(
            testbed.rounds,
            gzip=lambda: testbed.load(Load(url, ("Accept-Encoding: gzip",))),
            gzip_limit=lambda: testbed.load(Load(f"http://127.0.0.1:{PLAIN}/gzip.js")),
            br=lambda: testbed.load(Load(url, ("Accept-Encoding: br",))),
            br_limit=lambda: testbed.load(Load(f"http://127.0.0.1:{PLAIN}/br.js")),
            br_kept=lambda: testbed.load(Load(f"http://127.0.0.1:{KEEPING}/br.js")),
            anew=lambda: testbed.load(
                Load(f"http://127.0.0.1:{COMPRESSING}/raw.js", ("Accept-Encoding: gzip",))
            ),
        )
    alike, anew = "the same bytes, nothing else configured", "compressed for each request"
    kept = "the same bytes, only their file kept open"
    name = "largest script"
    return [
        _row(f"{name}, gzip", taken["gzip"], alike, taken["gzip_limit"], 0.9),
        _row(f"{name}, br", taken["br"], alike, taken["br_limit"], 0.9),
        _row(f"{name}, br, again", taken["br"], kept, taken["br_kept"], None),
        _row(f"{name}, gzip, again", taken["gzip"], anew, taken["anew"], 30),
    ]


def page(testbed: Testbed) -> list[Row]:
    """index.html with all its headers, compared with the same bytes from the configuration."""
    text = controls.shell(testbed.app, "cat /app/frontend/dist/index.html")
    assert "$" not in text, "Nginx would take what follows a $ for a variable"
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    server = f"location / {{ default_type text/html; return 200 '{quoted}'; }}"
    with controls.nginx(testbed.app, PLAIN, server):
        taken = interleaved(
            testbed.rounds,
            page=lambda: testbed.load(Load(f"{PRODUCT}/")),
            limit=lambda: testbed.load(Load(f"http://127.0.0.1:{PLAIN}/")),
        )
    words = "return 200 with the same bytes"
    return [_row("index.html, all headers", taken["page"], words, taken["limit"], 0.6)]


def _row(
    name: str, figure: list[Result], words: str, limit: list[Result], ratio: float | None
) -> Row:
    note = f"{_microseconds(figure)} µs of processor (limit {_microseconds(limit)})"
    budget = at_least(ratio) if ratio else None
    return Row(name, "requests/s", rates(figure), words, rates(limit), budget, note)


def _microseconds(results: list[Result]) -> str:
    return f"{1e6 * statistics.median(result.processor for result in results):.0f}"


def rates(results: list[Result]) -> list[float]:
    """Requests a second of each round."""
    return [result.rate for result in results]
