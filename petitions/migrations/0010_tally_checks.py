"""
The reconciler walks, and keeps how far it has come; folds and recounts leave the same rows; the queue stays small.

Until the workers of the release before are replaced, a fold of theirs that would leave an empty bucket is refused and
loses nothing: a worker of this release does it.
"""

import django.db.models.deletion
from django.db import migrations, models

_DELETE_EMPTY_BUCKETS = "DELETE FROM petitions_tallybucket WHERE n = 0"
# Entries live for half a second: without a vacuum after some thousands of them every fold wades through dead ones. A
# bucket is updated in its page while that has room, and then no index has to learn of it.
_STORE = """
ALTER TABLE petitions_tallyentry SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000,
    autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE petitions_tallybucket SET (fillfactor = 80);
ALTER TABLE petitions_tally SET (fillfactor = 50);
"""
_RESTORE = """
ALTER TABLE petitions_tallyentry RESET (
    autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold,
    autovacuum_vacuum_insert_scale_factor, autovacuum_vacuum_insert_threshold,
    autovacuum_analyze_scale_factor, autovacuum_analyze_threshold,
    autovacuum_vacuum_cost_delay
);
ALTER TABLE petitions_tallybucket RESET (fillfactor);
ALTER TABLE petitions_tally RESET (fillfactor);
"""
_CHANNELS = [("web", "This site"), ("import", "Import")]


class Migration(migrations.Migration):
    dependencies = [("petitions", "0010_ladder_changes")]

    operations = [
        migrations.CreateModel(
            name="TallyCheck",
            fields=[
                (
                    "petition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="petitions.petition",
                    ),
                ),
                ("position", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("lap_started_at", models.DateTimeField(null=True)),
                ("lap_finished_at", models.DateTimeField(null=True)),
                ("drift", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="tallyrepair", name="by_reasons", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="tallyrepair", name="in_hours", field=models.BigIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="tallyrepair", name="wrong_cells", field=models.PositiveIntegerField(db_default=0, default=0)
        ),
        migrations.CreateModel(
            name="TallyRepairCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("country", models.CharField(blank=True, default="", max_length=2)),
                ("channel", models.CharField(choices=_CHANNELS, max_length=10)),
                ("published", models.BigIntegerField()),
                ("owed", models.BigIntegerField()),
                ("counted", models.BigIntegerField()),
                (
                    "repair",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="cells", to="petitions.tallyrepair"
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="tallyentry",
            name="petition",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="petitions.petition",
            ),
        ),
        migrations.RemoveIndex(model_name="tallyentry", name="tally_entry_owed"),
        migrations.AddIndex(
            model_name="tallyentry",
            index=models.Index(fields=["petition", "occurred_at", "id"], name="tally_entry_owed_in_order"),
        ),
        migrations.AlterField(
            model_name="tallybucket",
            name="petition",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="buckets",
                to="petitions.petition",
            ),
        ),
        migrations.AlterField(
            model_name="tallyreasontotal",
            name="petition",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reason_totals",
                to="petitions.petition",
            ),
        ),
        migrations.RunSQL(_DELETE_EMPTY_BUCKETS, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="tallybucket", name="tally_bucket_not_negative"),
        migrations.AddConstraint(
            model_name="tallybucket",
            constraint=models.CheckConstraint(condition=models.Q(("n__gte", 1)), name="tally_bucket_positive"),
        ),
        migrations.RunSQL(_STORE, _RESTORE),
    ]
