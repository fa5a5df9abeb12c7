"""Alterations, and what was captured and given back for a reservation in all; old rows have given nothing back."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A column that a release before this one may leave out."""

    dependencies = [
        ("reservations", "0004_refunds_by_payment"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Alteration",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="code")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("proposed", "Waiting for an answer"),
                            ("accepted", "Waiting for the payment"),
                            ("paying", "Payment under way"),
                            ("applied", "Done"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "Not answered in time"),
                            ("overtaken", "The booking itself has ended"),
                        ],
                        default="proposed",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("proposed_by", models.CharField(max_length=10, verbose_name="proposed by")),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="message")),
                ("old_check_in", models.DateField()),
                ("old_check_out", models.DateField()),
                ("old_guests", models.PositiveSmallIntegerField()),
                ("old_lines", models.JSONField()),
                ("old_total_minor", models.BigIntegerField()),
                ("old_host_payout_minor", models.BigIntegerField()),
                ("check_in", models.DateField(verbose_name="check-in")),
                ("check_out", models.DateField(verbose_name="check-out")),
                ("check_in_at", models.DateTimeField()),
                ("check_out_at", models.DateTimeField()),
                ("guests", models.PositiveSmallIntegerField(verbose_name="guests")),
                ("lines", models.JSONField()),
                ("total_minor", models.BigIntegerField(verbose_name="total")),
                ("host_payout_minor", models.BigIntegerField()),
                ("difference_minor", models.BigIntegerField(verbose_name="difference")),
                ("discount_lost", models.BooleanField(default=False)),
                ("currency", models.CharField(max_length=3)),
                ("created_at", models.DateTimeField(verbose_name="created")),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(blank=True, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("closed_by", models.CharField(blank=True, max_length=10)),
                ("payment_id", models.UUIDField(blank=True, null=True)),
                ("declined_payments", models.PositiveSmallIntegerField(default=0)),
                ("applied_revision", models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "alteration",
                "verbose_name_plural": "alterations",
            },
        ),
        migrations.RemoveConstraint(
            model_name="reservation",
            name="reservation_stands_only_paid",
        ),
        migrations.RemoveConstraint(
            model_name="reservation",
            name="reservation_refund_within_paid",
        ),
        migrations.AddField(
            model_name="reservation",
            name="returned_minor",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["completed", "confirmed", "in_stay"]), _negated=True),
                    models.Q(
                        (
                            "captured_minor",
                            django.db.models.expressions.CombinedExpression(
                                models.F("total_minor"), "+", models.F("returned_minor")
                            ),
                        ),
                        ("confirmed_at__isnull", False),
                        ("payment_id__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="reservation_stands_only_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("refund_due_minor__gte", 0),
                    (
                        "refund_due_minor__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("captured_minor"), "-", models.F("returned_minor")
                        ),
                    ),
                    ("returned_minor__gte", 0),
                ),
                name="reservation_refund_within_paid",
            ),
        ),
        migrations.AddField(
            model_name="alteration",
            name="reservation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="alterations", to="reservations.reservation"
            ),
        ),
        migrations.AddIndex(
            model_name="alteration",
            index=models.Index(
                condition=models.Q(("status__in", ["proposed", "accepted"])),
                fields=["expires_at"],
                name="alteration_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        ["proposed", "accepted", "paying", "applied", "declined", "withdrawn", "expired", "overtaken"],
                    )
                ),
                name="alteration_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(("proposed_by__in", ["guest", "host"])), name="alteration_of_a_party"
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("check_out__gt", models.F("check_in")),
                    ("check_out_at__gt", models.F("check_in_at")),
                    ("guests__gte", 1),
                ),
                name="alteration_stay_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "difference_minor",
                        django.db.models.expressions.CombinedExpression(
                            models.F("total_minor"), "-", models.F("old_total_minor")
                        ),
                    ),
                    ("total_minor__gt", 0),
                ),
                name="alteration_difference_is_exact",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("check_in", models.F("old_check_in")),
                    ("check_out", models.F("old_check_out")),
                    ("guests", models.F("old_guests")),
                    _negated=True,
                ),
                name="alteration_changes_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("applied_revision__isnull", False), ("status", "applied")),
                    models.Q(models.Q(("status", "applied"), _negated=True), ("applied_revision__isnull", True)),
                    _connector="OR",
                ),
                name="alteration_applied_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "applied"), _negated=True),
                    ("difference_minor__lte", 0),
                    ("payment_id__isnull", False),
                    _connector="OR",
                ),
                name="alteration_applied_only_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "paying"), _negated=True), ("payment_id__isnull", False), _connector="OR"
                ),
                name="alteration_paying_names_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "accepted"), _negated=True),
                    models.Q(("accepted_at__isnull", False), ("difference_minor__gt", 0)),
                    _connector="OR",
                ),
                name="alteration_accepted_waits_for_money",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["proposed", "accepted", "paying"]), ("decided_at__isnull", False), _connector="OR"
                ),
                name="alteration_decided_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["proposed", "accepted", "paying"])),
                fields=("reservation",),
                name="alteration_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="alteration",
            constraint=models.UniqueConstraint(
                condition=models.Q(("applied_revision__isnull", False)),
                fields=("reservation", "applied_revision"),
                name="alteration_one_per_revision",
            ),
        ),
    ]
