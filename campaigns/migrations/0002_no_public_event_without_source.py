"""
No event is public without a source: a deferred constraint trigger looks at each commit, whoever wrote.

Deferred, because an event and its sources are written one after the other. Taking the last source away locks the event
row first, so that of two parallel transactions, one publishing and one removing, the later sees what the earlier did.
"""

from django.db import migrations

_CREATE = """
CREATE FUNCTION campaigns_require_source() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    looked_at bigint;
    is_public boolean;
BEGIN
    IF TG_TABLE_NAME = 'campaigns_event' THEN
        looked_at := NEW.id;
    ELSE
        looked_at := OLD.event_id;
    END IF;
    SELECT published INTO is_public FROM campaigns_event WHERE id = looked_at FOR UPDATE;
    IF is_public AND NOT EXISTS (SELECT 1 FROM campaigns_eventsource WHERE event_id = looked_at) THEN
        RAISE EXCEPTION 'event % is public without a source', looked_at
            USING ERRCODE = 'check_violation', CONSTRAINT = 'event_public_has_source', TABLE = 'campaigns_event';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER event_public_has_source
    AFTER INSERT OR UPDATE OF published ON campaigns_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.published)
    EXECUTE FUNCTION campaigns_require_source();

CREATE CONSTRAINT TRIGGER event_source_leaves_one
    AFTER DELETE OR UPDATE OF event_id ON campaigns_eventsource
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION campaigns_require_source();
"""
_DROP = """
DROP TRIGGER event_source_leaves_one ON campaigns_eventsource;
DROP TRIGGER event_public_has_source ON campaigns_event;
DROP FUNCTION campaigns_require_source();
"""


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_CREATE, _DROP),
    ]
