"""Where sessions are kept: Django's database store, on rows that know their person."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from people.models import Session


class SessionStore(DatabaseStore):
    """The store that `SESSION_ENGINE` names."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the rows."""
        return Session

    def create_model_instance(self, data: dict) -> Session:
        """Return the row of a session with this `data`, which names the person after a login."""
        row = super().create_model_instance(data)
        row.person_id = data.get(SESSION_KEY)
        return row
