"""Reservations, their diary, and the trip view."""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=16, unique=True, verbose_name="code")),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("held", "Held for you"),
                            ("paying", "Payment under way"),
                            ("requested", "Waiting for the host"),
                            ("confirmed", "Confirmed"),
                            ("in_stay", "Staying now"),
                            ("completed", "Stay completed"),
                            ("expired", "Hold expired"),
                            ("declined", "Declined by the host"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="held",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("room_id", models.BigIntegerField()),
                ("room_code", models.CharField(max_length=16, verbose_name="room")),
                ("room_slug", models.CharField(max_length=120)),
                ("room_title_i18n", models.JSONField(default=dict)),
                ("room_cover", models.JSONField(blank=True, default=dict)),
                ("check_in", models.DateField(verbose_name="check-in")),
                ("check_out", models.DateField(verbose_name="check-out")),
                ("check_in_at", models.DateTimeField()),
                ("check_out_at", models.DateTimeField()),
                ("time_zone", models.CharField(max_length=64)),
                ("guests", models.PositiveSmallIntegerField(verbose_name="guests")),
                ("lines", models.JSONField()),
                ("total_minor", models.BigIntegerField()),
                ("host_payout_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("cancellation_policy", models.CharField(max_length=20, verbose_name="cancellation policy")),
                ("house_rules_i18n", models.JSONField(blank=True, default=dict)),
                ("quoted_until", models.DateTimeField()),
                ("hold_expires_at", models.DateTimeField(null=True)),
                ("hold_extended_at", models.DateTimeField(blank=True, null=True)),
                ("pay_later", models.BooleanField(default=False)),
                ("payment_id", models.UUIDField(blank=True, null=True)),
                ("captured_minor", models.BigIntegerField(default=0)),
                ("contact_name", models.CharField(blank=True, max_length=80, verbose_name="name")),
                ("contact_phone", models.CharField(blank=True, max_length=24, verbose_name="telephone")),
                ("message", models.TextField(blank=True, verbose_name="message to the host")),
                ("created_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("completed_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancelled_by", models.CharField(blank=True, max_length=10)),
                ("cancel_reason", models.CharField(blank=True, max_length=300)),
                ("refund_due_minor", models.BigIntegerField(default=0)),
                ("refund_rule", models.CharField(blank=True, max_length=40)),
                ("refund_lines", models.JSONField(blank=True, default=list)),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=10)),
                ("changed_by_id", models.BigIntegerField(blank=True, null=True)),
                ("changed_why", models.CharField(blank=True, max_length=300)),
                ("changed_under", models.CharField(blank=True, max_length=64)),
                (
                    "guest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="guest",
                    ),
                ),
                (
                    "host",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="host",
                    ),
                ),
            ],
            options={
                "verbose_name": "reservation",
                "verbose_name_plural": "reservations",
            },
        ),
        migrations.CreateModel(
            name="ShownRoom",
            fields=[
                ("room_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("room_slug", models.CharField(max_length=120)),
                ("room_title_i18n", models.JSONField(default=dict)),
                ("room_cover", models.JSONField(default=dict)),
                ("as_of", models.DateTimeField()),
            ],
            options={
                "verbose_name": "shown room",
                "verbose_name_plural": "shown rooms",
            },
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("from_status", models.CharField(blank=True, max_length=10)),
                ("to_status", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=10)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("correlation_id", models.CharField(blank=True, max_length=64)),
                (
                    "reservation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transitions",
                        to="reservations.reservation",
                    ),
                ),
            ],
            options={
                "verbose_name": "transition",
                "verbose_name_plural": "transitions",
                "ordering": ("version",),
            },
        ),
        migrations.CreateModel(
            name="Trip",
            fields=[
                (
                    "reservation",
                    models.OneToOneField(
                        db_column="code",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="trip",
                        serialize=False,
                        to="reservations.reservation",
                        to_field="code",
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("status", models.CharField(blank=True, max_length=10)),
                ("guest_id", models.BigIntegerField(null=True)),
                ("host_id", models.BigIntegerField(null=True)),
                ("room_id", models.BigIntegerField(null=True)),
                ("room_code", models.CharField(blank=True, max_length=16)),
                ("room_slug", models.CharField(blank=True, max_length=120)),
                ("room_title_i18n", models.JSONField(default=dict)),
                ("room_cover", models.JSONField(default=dict)),
                ("room_as_of", models.DateTimeField(null=True)),
                ("check_in", models.DateField(null=True)),
                ("check_out", models.DateField(null=True)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("guests", models.PositiveSmallIntegerField(default=1)),
                ("total_minor", models.BigIntegerField(default=0)),
                ("host_payout_minor", models.BigIntegerField(default=0)),
                ("currency", models.CharField(default="KRW", max_length=3)),
                ("payment_status", models.CharField(default="none", max_length=20)),
                ("payment_as_of", models.DateTimeField(null=True)),
                ("payment_rank", models.PositiveSmallIntegerField(default=0)),
                ("action_url", models.TextField(blank=True)),
                ("captured_minor", models.BigIntegerField(default=0)),
                ("refund_minor", models.BigIntegerField(null=True)),
                ("refund_rule", models.CharField(blank=True, max_length=40)),
                ("refunded_minor", models.BigIntegerField(default=0)),
                ("refused_minor", models.BigIntegerField(default=0)),
                ("refund_failed", models.BooleanField(default=False)),
                ("cancelled_by", models.CharField(blank=True, max_length=10)),
                ("timeline", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(null=True)),
                ("last_event_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "trip",
                "verbose_name_plural": "trips",
                "indexes": [
                    models.Index(fields=["guest_id", "-check_in"], name="trip_by_guest"),
                    models.Index(fields=["host_id", "check_in"], name="trip_by_host"),
                    models.Index(fields=["room_id"], name="trip_by_room"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("status", "held")), fields=["hold_expires_at"], name="reservation_hold_due"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("status", "confirmed")), fields=["check_in_at"], name="reservation_checkin_due"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("status", "in_stay")), fields=["check_out_at"], name="reservation_checkout_due"
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("status__in", ["confirmed", "held", "in_stay", "paying", "requested"])),
                fields=["room_id", "check_in"],
                name="reservation_live_by_room",
            ),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["guest", "-check_in"], name="reservation_by_guest"),
        ),
        migrations.AddIndex(
            model_name="reservation",
            index=models.Index(fields=["host", "-check_in"], name="reservation_by_host"),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "held",
                            "paying",
                            "requested",
                            "confirmed",
                            "in_stay",
                            "completed",
                            "expired",
                            "declined",
                            "cancelled",
                        ],
                    )
                ),
                name="reservation_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("check_out__gt", models.F("check_in"))), name="reservation_stay_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("check_out_at__gt", models.F("check_in_at"))), name="reservation_times_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(condition=models.Q(("guests__gte", 1)), name="reservation_has_guests"),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("host_payout_minor__gte", 0), ("total_minor__gte", 0)),
                name="reservation_total_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["held", "paying"]), _negated=True),
                    ("hold_expires_at__isnull", False),
                    _connector="OR",
                ),
                name="reservation_hold_has_expiry",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["completed", "confirmed", "in_stay"]), _negated=True),
                    models.Q(
                        ("captured_minor", models.F("total_minor")),
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
                    models.Q(("status", "paying"), _negated=True), ("payment_id__isnull", False), _connector="OR"
                ),
                name="reservation_paying_names_payment",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("refund_due_minor__gte", 0), ("refund_due_minor__lte", models.F("captured_minor"))),
                name="reservation_refund_within_paid",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "cancelled"), _negated=True),
                    models.Q(("cancelled_at__isnull", False), models.Q(("cancelled_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="reservation_cancelled_says_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "completed"), _negated=True), ("completed_at__isnull", False), _connector="OR"
                ),
                name="reservation_completed_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["held", "paying"])),
                fields=("guest", "room_id"),
                name="reservation_one_open_hold_per_room",
            ),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.UniqueConstraint(fields=("reservation", "version"), name="transition_once_per_version"),
        ),
    ]
