"""The alarm's settings, which an admin changes while it runs."""

from alarm import changes
from alarm.events import Actor
from alarm.models import AlarmSettings, EventKind
from alarm.shapes import settings_shape
from alarm.turn import turn


def current() -> dict:
    """Return the settings; delays in seconds."""
    return settings_shape(AlarmSettings.load())


def change(actor: Actor, cause: str, **values: int) -> dict:
    """Set what is given and return all of them; what is set to itself is no change."""
    with turn(cause, actor) as mine:
        settings = AlarmSettings.load()
        before = settings_shape(settings)
        news = {name: value for name, value in values.items() if before[name] != value}
        for name, value in news.items():
            setattr(settings, name, value)
        if news:
            settings.save(update_fields=list(news))
            changes.add(mine.alarm, "settings", settings_shape(settings))
            told = (f"{words(name)} {before[name]} → {value}" for name, value in news.items())
            mine.record(EventKind.SETTING, detail=f"{', '.join(sorted(told))}.".capitalize())
    return settings_shape(settings)


def words(name: str) -> str:
    """What a person calls a setting."""
    return AlarmSettings._meta.get_field(name).verbose_name
