"""What an event is about, who waits to read it, and which version of each view stands in the database."""

from __future__ import annotations

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

BEHIND = ~models.Q(status="done") & ~models.Q(subject="")

# Receipts that wait while the release changes are found by their readers as well.
NAME_SUBJECTS = """
UPDATE events_storedevent SET subject = left(coalesce(payload->>'reservation', payload->>'room_code'), 20)
 WHERE coalesce(payload->>'reservation', payload->>'room_code', '') <> '';
UPDATE events_delivery d SET subject = e.subject,
       readers = array_remove(ARRAY[(e.payload->>'guest_id')::bigint, (e.payload->>'host_id')::bigint], NULL)
  FROM events_storedevent e
 WHERE e.id = d.event_id AND d.status <> 'done' AND d.listener LIKE 'reservations.projections.%';
"""


class Migration(migrations.Migration):
    """Columns that the release before does not write have defaults of the database."""

    dependencies = [("events", "0001_events_and_receipts")]

    operations = [
        migrations.CreateModel(
            name="ViewState",
            fields=[
                ("name", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("version", models.PositiveSmallIntegerField(default=0)),
                ("built_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked", models.PositiveIntegerField(default=0)),
                ("drifted", models.PositiveIntegerField(default=0)),
                ("drifted_keys", models.JSONField(default=list)),
            ],
            options={"verbose_name": "state of a view", "verbose_name_plural": "states of views"},
        ),
        migrations.AddField(
            model_name="storedevent",
            name="subject",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="delivery",
            name="subject",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
        migrations.AddField(
            model_name="delivery",
            name="readers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, null=True, size=None
            ),
        ),
        migrations.RunSQL(NAME_SUBJECTS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="storedevent",
            index=models.Index(condition=~models.Q(subject=""), fields=["subject"], name="event_by_subject"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=BEHIND, fields=["subject"], name="delivery_behind"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=BEHIND, fastupdate=False, fields=["readers"], name="delivery_behind_for"
            ),
        ),
    ]
