"""The trip view knows what alterations took and gave back; old rows know of none."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that a release before this one may leave out."""

    dependencies = [("reservations", "0009_waits_for_payments")]

    operations = [
        migrations.AddField(
            model_name="trip", name="altered", field=models.JSONField(blank=True, default=dict, null=True)
        ),
    ]
