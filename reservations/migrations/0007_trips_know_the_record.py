"""The trip knows all that its pages show; for reservations of older releases one event each tells the record whole."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

TELL_RECORDS = """
INSERT INTO events_storedevent (id, name, subject, version, payload, correlation_id)
SELECT gen_random_uuid(), 'RecordTold', r.code, 1,
       jsonb_build_object(
         'reservation', r.code, 'revision', r.version, 'room_id', r.room_id, 'room_code', r.room_code,
         'room_title_i18n', r.room_title_i18n, 'room_slug', r.room_slug, 'cover', r.room_cover,
         'host_id', r.host_id, 'guest_id', r.guest_id, 'check_in', r.check_in, 'check_out', r.check_out,
         'guests', r.guests, 'total_minor', r.total_minor, 'currency', r.currency, 'time_zone', r.time_zone,
         'record', to_jsonb(r) - 'id' - 'room_title_i18n' - 'room_cover' - 'room_slug'),
       'records-told'
  FROM reservations_reservation r;
UPDATE reservations_trip t SET hold_expires_at = r.hold_expires_at, cancelled_at = r.cancelled_at,
       contact_name = r.contact_name, host_payout_minor = r.host_payout_minor
  FROM reservations_reservation r WHERE r.code = t.code;
"""


class Migration(migrations.Migration):
    """Rows of older releases have schema 0: whoever reads one first, or the timer, makes it anew from its events."""

    dependencies = [
        ("events", "0002_subjects_and_view_states"),
        ("reservations", "0006_terms_change_only_by_alterations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="trip", name="guest_id"),
                migrations.AddField(
                    model_name="trip",
                    name="guest",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ]
        ),
        migrations.AddField(model_name="trip", name="cancelled_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="trip", name="hold_expires_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="trip", name="changes", field=models.PositiveIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="trip",
            name="contact_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="trip", name="record", field=models.JSONField(blank=True, default=dict, null=True)
        ),
        migrations.AddField(
            model_name="trip", name="schema", field=models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="trip", name="seldom", field=models.JSONField(blank=True, default=dict, null=True)
        ),
        migrations.AddField(
            model_name="trip", name="seldom_as_of", field=models.JSONField(blank=True, default=dict, null=True)
        ),
        migrations.RunSQL(TELL_RECORDS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="trip", index=models.Index(fields=["host_id", "last_event_at"], name="trip_by_host_news")
        ),
        migrations.AddIndex(model_name="trip", index=models.Index(fields=["schema"], name="trip_by_schema")),
    ]
