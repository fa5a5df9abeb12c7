from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("rooms", "0004_asked_in_time_for_an_answer")]

    operations = [
        AddIndexConcurrently(
            model_name="roomstay",
            index=models.Index(
                condition=models.Q(("status__in", ("held", "paying", "requested", "confirmed", "in_stay"))),
                fields=["room_id", "check_in"],
                name="room_stay_live",
            ),
        ),
        AddIndexConcurrently(
            model_name="roomstay",
            index=models.Index(fields=["room_id", "-status_at", "-reservation"], name="room_stay_latest"),
        ),
        # The second of these begins with it.
        migrations.AlterField(model_name="roomstay", name="room_id", field=models.BigIntegerField(null=True)),
    ]
