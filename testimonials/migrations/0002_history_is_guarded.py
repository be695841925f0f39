from django.db import migrations

from accounts.append_only import append_only_table

_OWN_REVISIONS = """
ALTER TABLE testimonials_testimonial
    ADD CONSTRAINT testimonial_current_revision_is_its_own
        FOREIGN KEY (current_revision_id, id) REFERENCES testimonials_revision (id, testimonial_id)
        DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT testimonial_published_revision_is_its_own
        FOREIGN KEY (published_revision_id, id) REFERENCES testimonials_revision (id, testimonial_id)
        DEFERRABLE INITIALLY DEFERRED
"""
_ANY_REVISIONS = """
ALTER TABLE testimonials_testimonial
    DROP CONSTRAINT testimonial_current_revision_is_its_own,
    DROP CONSTRAINT testimonial_published_revision_is_its_own
"""

# A text that was decided on must stay the text that was decided on: it can be erased, never rewritten.
_KEEP_REVISIONS = """
CREATE FUNCTION keep_revision_but_for_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.body IS NULL AND NEW.sha256 IS NULL
        AND (NEW.id, NEW.testimonial_id, NEW.number, NEW.author_kind, NEW.created_at)
            IS NOT DISTINCT FROM (OLD.id, OLD.testimonial_id, OLD.number, OLD.author_kind, OLD.created_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a revision can be erased, not changed: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER testimonials_revision_immutable BEFORE UPDATE OR DELETE ON testimonials_revision
    FOR EACH ROW EXECUTE FUNCTION keep_revision_but_for_erasure()
"""
_FREE_REVISIONS = """
DROP TRIGGER testimonials_revision_immutable ON testimonials_revision;
DROP FUNCTION keep_revision_but_for_erasure()
"""


class Migration(migrations.Migration):
    dependencies = [("testimonials", "0001_initial"), ("accounts", "0002_audit_entry")]

    operations = [
        migrations.RunSQL(_OWN_REVISIONS, _ANY_REVISIONS),
        migrations.RunSQL(_KEEP_REVISIONS, _FREE_REVISIONS),
        append_only_table("testimonials_testimonialevent"),
    ]
