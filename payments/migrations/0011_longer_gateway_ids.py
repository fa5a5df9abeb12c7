"""Toss Payments gives its payments keys of up to 200 characters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Longer ids of gateways; PostgreSQL changes no row for it."""

    dependencies = [("payments", "0010_lines_are_their_refunds")]

    operations = [
        migrations.AlterField(
            model_name="payment",
            name="gateway_ref",
            field=models.CharField(blank=True, max_length=200),
        ),
    ]
