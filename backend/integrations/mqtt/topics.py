"""The topics: pure names, no connection."""

from dataclasses import dataclass

PANEL = "alarm_control_panel"
SENSOR = "binary_sensor"
OF_DEVICE = "device"  # a discovery message of several components
DEFAULT_BIRTH = "homeassistant/status"


@dataclass(frozen=True)
class Topics:
    """Every topic below `base`, and those of Home Assistant's discovery below `prefix`."""

    base: str
    prefix: str

    @property
    def node(self) -> str:
        """The panel's identifier in discovery, without a /."""
        return self.base.replace("/", "_")

    @property
    def state(self) -> str:
        return f"{self.base}/state"

    @property
    def attributes(self) -> str:
        return f"{self.base}/attributes"

    @property
    def availability(self) -> str:
        return f"{self.base}/availability"

    @property
    def command(self) -> str:
        return f"{self.base}/command"

    @property
    def event(self) -> str:
        """Where each event is published, once and not retained."""
        return f"{self.base}/event"

    @property
    def trouble(self) -> str:
        return f"{self.base}/trouble"

    @property
    def memory(self) -> str:
        return f"{self.base}/memory"

    def button(self, name: str) -> str:
        """Return where the press of a button is sent."""
        return f"{self.base}/button/{name}"

    def entity_config(self, component: str, name: str) -> str:
        """Return the discovery topic of one of the panel's own entities."""
        return f"{self.prefix}/{component}/{self.node}/{name}/config"

    @property
    def births(self) -> tuple[str, ...]:
        """Where Home Assistant announces that it has started.

        Its topic is a setting of its own there: another discovery prefix does not change it.
        """
        return tuple(sorted({DEFAULT_BIRTH, f"{self.prefix}/status"}))

    @property
    def panel_config(self) -> str:
        return f"{self.prefix}/{PANEL}/{self.node}/config"

    @property
    def sensor_sets(self) -> str:
        """The filter of what sensors report."""
        return f"{self.base}/sensor/+/set"

    @property
    def sensor_states(self) -> str:
        """The filter of what is published of sensors."""
        return f"{self.base}/sensor/+/state"

    @property
    def retained(self) -> tuple[str, ...]:
        """The filters of all that is published with the retain flag."""
        return (
            self.panel_config,
            *(self.entity_config(component, "+") for component in (SENSOR, "event", "button")),
            *(self.state, self.attributes, self.availability, self.trouble, self.memory),
            self.sensor_states,
        )

    def sensor_config(self, sensor_id: int) -> str:
        return f"{self.prefix}/{SENSOR}/{self.node}/{sensor_id}/config"

    def sensor_state(self, sensor_id: int) -> str:
        return f"{self.base}/sensor/{sensor_id}/state"

    def sensor_set(self, sensor_id: int) -> str:
        return f"{self.base}/sensor/{sensor_id}/set"

    def output(self, output_id: int | str, use: str) -> str:
        """Return a topic of an output: `set`, `state` and `availability` are its own.

        `command` is where Home Assistant switches it, `reported` what the panel tells of it.
        """
        return f"{self.base}/output/{output_id}/{use}"

    def is_report(self, topic: str) -> bool:
        """Whether a topic is one that sensors report on, be there such a sensor or not."""
        return topic.startswith(f"{self.base}/sensor/") and topic.endswith("/set")

    def sensor_of(self, topic: str) -> int | None:
        """Return the sensor's id of a topic that sensors report on, else None."""
        start, end = f"{self.base}/sensor/", "/set"
        middle = topic.removeprefix(start).removesuffix(end)
        is_id = middle.isascii() and middle.isdigit() and len(middle) <= 18
        return int(middle) if is_id and self.is_report(topic) else None
