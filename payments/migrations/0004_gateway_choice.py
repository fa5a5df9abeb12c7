"""An operator may choose which gateway takes a currency."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0003_purposes_and_captures")]

    operations = [
        migrations.CreateModel(
            name="GatewayChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("currency", models.CharField(max_length=3, unique=True, verbose_name="currency")),
                ("gateway", models.CharField(max_length=20, verbose_name="gateway")),
                ("changed_at", models.DateTimeField(verbose_name="changed")),
            ],
            options={
                "verbose_name": "gateway of a currency",
                "verbose_name_plural": "gateways of currencies",
            },
        )
    ]
