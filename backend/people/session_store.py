"""Where sessions are kept: Django's database store, on rows that know their person."""

import re

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from people.models import Session

KEY = re.compile(r"[0-9a-z]{32}")


class SessionStore(DatabaseStore):
    """The store that `SESSION_ENGINE` names."""

    def _validate_session_key(self, key: str | None) -> bool:
        """Return whether we could have given this key; Django would ask the database for any.

        PostgreSQL takes no NUL, which a quoted cookie can hold: a 500 for who sends it.
        """
        return bool(key and KEY.fullmatch(key))

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def create_model_instance(self, data: dict) -> Session:
        """Return the row of a session with this `data`, which names the person after a login."""
        row = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        return row
