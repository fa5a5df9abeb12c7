"""Operators are told of what only a person can settle."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One more role of a reader."""

    dependencies = [
        ("notifications", "0001_notifications_and_deliveries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notification",
            name="notification_role_known",
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["guest", "host", "operator"])), name="notification_role_known"
            ),
        ),
    ]
