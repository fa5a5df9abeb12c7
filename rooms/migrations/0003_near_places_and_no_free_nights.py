from __future__ import annotations

from django.db import migrations, models

# The search knows places as strangers see them.
_NEAR = """
    UPDATE rooms_searchindex SET lat = round(lat::numeric, 3)::float8, lng = round(lng::numeric, 3)::float8
"""
# Days of their own that were free go back to the room's ordinary price, weekends to that of the other nights.
_NOT_FREE = (
    "UPDATE rooms_dayrule SET price_minor = NULL WHERE price_minor = 0",
    "UPDATE rooms_room SET weekend_price_minor = NULL WHERE weekend_price_minor = 0",
    "UPDATE rooms_searchindex SET weekend_price_minor = base_price_minor WHERE weekend_price_minor = 0",
)
# Every booking stands once it is paid: until there are requests to book, no room may say otherwise.
_AT_ONCE = (
    "UPDATE rooms_room SET instant_book = true WHERE NOT instant_book",
    "UPDATE rooms_searchindex SET instant_book = true, score = score + 100 WHERE NOT instant_book",
)


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0002_answers_to_reviews"),
    ]

    operations = [
        migrations.RunSQL([_NEAR, *_NOT_FREE, *_AT_ONCE], migrations.RunSQL.noop),
        migrations.AddField(
            model_name="photo",
            name="attempts",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddConstraint(
            model_name="dayrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_minor__isnull", True), ("price_minor__gt", 0), _connector="OR"),
                name="day_rule_is_not_free",
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("weekend_price_minor__isnull", True), ("weekend_price_minor__gt", 0), _connector="OR"
                ),
                name="room_weekend_is_not_free",
            ),
        ),
    ]
