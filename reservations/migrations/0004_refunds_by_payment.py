"""The trip view tells the refunds of the reservation's own payment from those of others; old rows know none yet."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns that a release before this one may leave out."""

    dependencies = [("reservations", "0003_stands_only_on_captured_money")]

    operations = [
        migrations.AddField(
            model_name="trip",
            name="paid_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=36),
        ),
        migrations.AddField(
            model_name="trip", name="refunds", field=models.JSONField(blank=True, default=dict, null=True)
        ),
    ]
