"""Guests who wanted to pay for a change while payments were down are remembered, and asked when they are back."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table that a release before this one does not know."""

    dependencies = [("reservations", "0012_waits_name_their_gateway")]

    operations = [
        migrations.CreateModel(
            name="AlterationWait",
            fields=[
                ("began_at", models.DateTimeField(verbose_name="began")),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked to pay")),
                ("gateway", models.CharField(blank=True, db_default="", default="", max_length=20)),
                (
                    "alteration",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="wait",
                        serialize=False,
                        to="reservations.alteration",
                    ),
                ),
            ],
            options={
                "verbose_name": "wait to pay for a change",
                "verbose_name_plural": "waits to pay for changes",
                "indexes": [models.Index(fields=["asked_at"], name="alteration_wait_asked")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked_at", None), ("asked_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="alteration_wait_asked_after_it_began",
                    )
                ],
            },
        ),
    ]
