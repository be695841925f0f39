"""The index of the counted signatures holds all that the count is made of. Built while signing goes on."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("petitions", "0010_tally_checks")]

    operations = [
        AddIndexConcurrently(
            model_name="signature",
            index=models.Index(
                condition=models.Q(("held_at__isnull", True), ("invalidated_at__isnull", True)),
                fields=["petition", "verified_at", "id"],
                include=["country", "channel"],
                name="signature_counted_cells",
            ),
        ),
        RemoveIndexConcurrently(model_name="signature", name="signature_counted"),
    ]
