"""
Each attempt and each proof writes fewer indexes: those that others begin with go, and two hold only what is said.

While signing goes on: Django would drop and check each foreign key anew to take its index off.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

_INDEXES = {
    "petitions_attemptentry_petition_id_7b510e2b": ("petitions_attemptentry", "petition_id"),
    "petitions_pendingsignature_petition_id_26f2406b": ("petitions_pendingsignature", "petition_id"),
    "petitions_pendingsignature_case_id_5cbbf16f": ("petitions_pendingsignature", "case_id"),
    "petitions_pendingsignature_news_consent_id_fcb6b7dd": ("petitions_pendingsignature", "news_consent_id"),
    "petitions_signature_petition_id_5a17fa21": ("petitions_signature", "petition_id"),
    "petitions_signature_case_id_07b54c62": ("petitions_signature", "case_id"),
    "petitions_signature_news_consent_id_3d19cbca": ("petitions_signature", "news_consent_id"),
}


def _without_index(model, field, **options):
    return migrations.AlterField(
        model_name=model, name=field, field=models.ForeignKey(db_index=False, related_name="+", **options)
    )


def _only_said(model, field, name):
    condition = models.Q((f"{field}__isnull", False))
    return AddIndexConcurrently(model_name=model, index=models.Index(fields=[field], condition=condition, name=name))


_SET_NULL = {"null": True, "on_delete": django.db.models.deletion.SET_NULL}
_STATE = [
    _without_index("attemptentry", "petition", to="petitions.petition", on_delete=django.db.models.deletion.CASCADE),
    *(
        _without_index(model, field, to=to, **_SET_NULL)
        for model in ("pendingsignature", "signature")
        for field, to in (("case", "petitions.integritycase"), ("news_consent", "petitions.newsconsent"))
    ),
    migrations.AlterField(
        model_name="pendingsignature",
        name="petition",
        field=models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.CASCADE,
            related_name="pending_signatures",
            to="petitions.petition",
        ),
    ),
    migrations.AlterField(
        model_name="signature",
        name="petition",
        field=models.ForeignKey(
            db_index=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="signatures",
            to="petitions.petition",
        ),
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("petitions", "0011_counted_cells_by_index")]

    operations = [
        _only_said("pendingsignature", "case", "pending_signature_case"),
        _only_said("pendingsignature", "news_consent", "pending_signature_consent"),
        _only_said("signature", "case", "signature_case"),
        _only_said("signature", "news_consent", "signature_consent"),
        RemoveIndexConcurrently(model_name="pendingsignature", name="pending_signature_person"),
        migrations.SeparateDatabaseAndState(
            state_operations=_STATE,
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {table} ({column})",
                )
                for index, (table, column) in _INDEXES.items()
            ],
        ),
    ]
