"""Run by a Python that has Home Assistant's package, with a list of `[component, message]` in JSON.

Prints, for each, what Home Assistant says against that discovery message: empty if it accepts it.
"""

import asyncio
import importlib
import json
import sys
import tempfile
from typing import Any

import voluptuous  # type: ignore[import-not-found]  # in that Python only
from homeassistant.core import HomeAssistant  # type: ignore[import-not-found]  # 3.13 only
from homeassistant.helpers import frame  # type: ignore[import-not-found]  # 3.13 only


def fault(component: str, message: dict[str, Any]) -> str:
    """Return why a discovery message is refused, or an empty text."""
    module = importlib.import_module(f"homeassistant.components.mqtt.{component}")
    try:
        module.DISCOVERY_SCHEMA(message)  # what it applies: it leaves out what it does not know
        module.PLATFORM_SCHEMA_MODERN(message)  # the same, but strict
    except voluptuous.Invalid as error:
        return str(error)
    return ""


async def main() -> None:
    """Validate inside of an instance, which templates need."""
    with tempfile.TemporaryDirectory() as folder:
        instance = HomeAssistant(folder)
        frame.async_setup(instance)
        json.dump([fault(*one) for one in json.load(sys.stdin)], sys.stdout)
        await instance.async_stop(force=True)


if __name__ == "__main__":
    asyncio.run(main())
