"""The API of the page at /__dev/."""

from __future__ import annotations

from typing import Any

import requests

from tests.support.site import Site

PROGRAMS = "/__dev/api/programs"


def programs(site: Site) -> dict[str, dict[str, Any]]:
    return {state["process"]: state for state in site.get(PROGRAMS).json()}


def restart(site: Site, program: str, **headers: str) -> requests.Response:
    """Request a restart with the page's own headers, or with `headers` instead."""
    own = {"Origin": site.origin, "X-Dev-Page": "restart"}
    return site.http.post(
        f"{site.url}{PROGRAMS}/{program}/restart", headers=own | headers, timeout=60
    )
