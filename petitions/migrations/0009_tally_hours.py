"""
Sums by hour, kept by the database itself: a trigger adds what a statement changed in the buckets, whoever wrote it.

Only whole statements are looked at, so a fold pays for the hours that it touches and not for its entries. A fold's
update of buckets is added before its insert of new ones; each alone leaves every sum at zero or above, as the buckets
themselves are never negative.
"""

import django.db.models.deletion
from django.db import migrations, models

_CREATE = """
CREATE FUNCTION petitions_add_up_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Which transition tables exist depends on the event; a branch is planned only when it is entered.
    IF TG_OP = 'INSERT' THEN
        INSERT INTO petitions_tallyhour AS known (petition_id, starts_at, n)
        SELECT petition_id, date_trunc('hour', starts_at, 'UTC'), sum(n) FROM added GROUP BY 1, 2
        ON CONFLICT (petition_id, starts_at) DO UPDATE SET n = known.n + excluded.n;
    ELSIF TG_OP = 'DELETE' THEN
        UPDATE petitions_tallyhour AS known SET n = known.n - change.n
        FROM (SELECT petition_id, date_trunc('hour', starts_at, 'UTC') AS hour, sum(n) AS n FROM removed GROUP BY 1, 2) AS change
        WHERE (known.petition_id, known.starts_at) = (change.petition_id, change.hour);
    ELSE
        -- The key of a bucket never changes, so its hour is there since the bucket was written.
        UPDATE petitions_tallyhour AS known SET n = known.n + change.n
        FROM (
            SELECT petition_id, hour, sum(n) AS n FROM (
                SELECT petition_id, date_trunc('hour', starts_at, 'UTC') AS hour, n FROM added
                UNION ALL
                SELECT petition_id, date_trunc('hour', starts_at, 'UTC'), -n FROM removed
            ) AS both_sides GROUP BY 1, 2 HAVING sum(n) <> 0
        ) AS change
        WHERE (known.petition_id, known.starts_at) = (change.petition_id, change.hour);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER petitions_tallybucket_hours_insert AFTER INSERT ON petitions_tallybucket
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION petitions_add_up_hours();
CREATE TRIGGER petitions_tallybucket_hours_update AFTER UPDATE ON petitions_tallybucket
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION petitions_add_up_hours();
CREATE TRIGGER petitions_tallybucket_hours_delete AFTER DELETE ON petitions_tallybucket
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION petitions_add_up_hours();
"""
_DROP = """
DROP TRIGGER petitions_tallybucket_hours_insert ON petitions_tallybucket;
DROP TRIGGER petitions_tallybucket_hours_update ON petitions_tallybucket;
DROP TRIGGER petitions_tallybucket_hours_delete ON petitions_tallybucket;
DROP FUNCTION petitions_add_up_hours();
"""
# The lock keeps folds away between the first sums and the first trigger.
_FILL = """
LOCK TABLE petitions_tallybucket IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO petitions_tallyhour (petition_id, starts_at, n)
SELECT petition_id, date_trunc('hour', starts_at, 'UTC'), sum(n) FROM petitions_tallybucket GROUP BY 1, 2;
"""


class Migration(migrations.Migration):
    dependencies = [("petitions", "0008_prepared_exports")]

    operations = [
        migrations.CreateModel(
            name="TallyHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("n", models.BigIntegerField()),
                (
                    "petition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="petitions.petition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("petition", "starts_at"), name="tally_hour_unique"),
                    models.CheckConstraint(condition=models.Q(("n__gte", 0)), name="tally_hour_not_negative"),
                ],
            },
        ),
        migrations.RunSQL(_FILL, migrations.RunSQL.noop),
        migrations.RunSQL(_CREATE, _DROP),
    ]
