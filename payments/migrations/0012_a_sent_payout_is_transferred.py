"""What operators read of a payout that went out: transferred, a word of its own in every language."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Labels alone; the rows stay as they are."""

    dependencies = [("payments", "0011_longer_gateway_ids")]

    operations = [
        migrations.AlterField(
            model_name="payout",
            name="status",
            field=models.CharField(
                choices=[
                    ("scheduled", "Scheduled"),
                    ("ready", "About to be sent"),
                    ("held", "Waiting"),
                    ("sending", "Being sent"),
                    ("unknown", "Outcome not known yet"),
                    ("sent", "Transferred"),
                    ("netted", "Set off"),
                    ("failed", "Failed"),
                    ("cancelled", "Cancelled"),
                ],
                default="scheduled",
                max_length=10,
                verbose_name="status",
            ),
        ),
    ]
