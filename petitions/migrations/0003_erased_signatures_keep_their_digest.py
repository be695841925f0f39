from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('petitions', '0002_tally_reasons_and_notices'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='signature',
            name='signature_erased_names_nobody',
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(('erased_at__isnull', True), models.Q(('email_sealed__isnull', True), ('name_sealed__isnull', True)), _connector='OR'), name='signature_erased_names_nobody'),
        ),
        migrations.AlterField(
            model_name='tallyentry',
            name='reason',
            field=models.CharField(choices=[('proved', 'Proved'), ('withdrawn', 'Withdrawn'), ('invalidated', 'Invalidated'), ('restored', 'Restored'), ('corrected', 'Corrected')], max_length=12),
        ),
        migrations.AlterField(
            model_name='tallyreasontotal',
            name='reason',
            field=models.CharField(choices=[('proved', 'Proved'), ('withdrawn', 'Withdrawn'), ('invalidated', 'Invalidated'), ('restored', 'Restored'), ('corrected', 'Corrected')], max_length=12),
        ),
    ]
