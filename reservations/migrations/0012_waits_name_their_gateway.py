"""What a gateway was asked for counts by the gateway; old waits are over and name none."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that a release before this one may leave out."""

    dependencies = [("reservations", "0011_given_back_by_grace")]

    operations = [
        migrations.AddField(
            model_name="paymentwait",
            name="gateway",
            field=models.CharField(blank=True, db_default="", default="", max_length=20),
        ),
    ]
