"""Of a session's key the database has a hash. Running sessions go on.

The previous version does not find them: where it serves again, everyone logs in again.
"""

from django.db import migrations

from people.session_keys import SessionKeyField

HASH = (
    "UPDATE people_session SET session_key ="
    " left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)"
)


class Migration(migrations.Migration):
    dependencies = (("people", "0004_kiosk"),)
    operations = (
        migrations.AlterField(
            "session",
            "session_key",
            SessionKeyField("session key", max_length=40, primary_key=True, serialize=False),
        ),
        migrations.RunSQL(HASH, "DELETE FROM people_session"),
    )
