"""Django's database session store, on rows that know their person."""

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from people.models import Session
from people.session_keys import KEY


class SessionStore(DatabaseStore):
    """The store that `SESSION_ENGINE` names."""

    def __init__(self, session_key: str | None = None) -> None:
        """Ignore a key in another form than ours.

        A quoted cookie can hold a NUL, which PostgreSQL refuses: the answer would be a 500.
        """
        super().__init__(session_key if KEY.fullmatch(session_key or "") else None)

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of a session with this `data`, which names the person after a login."""
        row = cast(Session, super().create_model_instance(data))
        row.person_id = data.get(SESSION_KEY)
        return row
