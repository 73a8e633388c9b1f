"""Production's metrics, as Prometheus reads them."""

from __future__ import annotations

from stack.compose.project import Project
from tests.support.containers import output_of

PORT = 9427
COUNT = "http_server_request_duration_seconds_count"

# The library's own parser reads the text, as Prometheus does.
SCRAPE = f"""
import urllib.request
from prometheus_client.parser import text_string_to_metric_families as parsed
text = urllib.request.urlopen("http://app:{PORT}/metrics", timeout=10).read().decode()
for family in parsed(text):
    for sample in family.samples:
        print(sample.name, *sample.labels.values(), sample.value, sep="\\t")
"""


def scrape(project: Project) -> dict[tuple[str, ...], float]:
    """The samples by name and label values, read inside the stack's network."""
    app = project.containers()["app"]
    rows = [line.split("\t") for line in output_of(app, "python", "-c", SCRAPE).splitlines()]
    return {tuple(row[:-1]): float(row[-1]) for row in rows}
