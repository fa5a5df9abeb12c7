"""What operators give back although no terms do."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that a release before this one leaves out."""

    dependencies = [("reservations", "0010_trip_knows_alterations")]

    operations = [
        migrations.AddField(
            model_name="reservation",
            name="graced_lines",
            field=models.JSONField(blank=True, db_default=[], default=list),
        ),
    ]
