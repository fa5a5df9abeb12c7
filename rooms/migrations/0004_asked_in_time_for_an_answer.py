"""The search knows from which hour guests come in, so that it finds rooms on request only while one can still ask."""

from __future__ import annotations

import datetime

from django.db import migrations, models

_FILL = """
    UPDATE rooms_searchindex AS s SET check_in_from = r.check_in_from FROM rooms_room AS r WHERE r.id = s.room_id
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0003_near_places_and_no_free_nights")]

    operations = [
        migrations.AddField(
            model_name="searchindex",
            name="check_in_from",
            field=models.TimeField(db_default=datetime.time(15, 0), default=datetime.time(15, 0)),
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="roomstay",
            name="answer_by",
            field=models.DateTimeField(null=True),
        ),
    ]
