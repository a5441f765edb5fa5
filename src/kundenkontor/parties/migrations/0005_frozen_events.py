"""The states frozen before each got an event that keeps their hash get theirs now."""

from django.db import migrations

SQL = """
INSERT INTO events_event (
    name, occurred_at, business_date, actor_kind, actor_label, seller_id, customer_id, subject_id, reference, payload,
    document_hash
)
SELECT 'party.frozen', s.created_at, (s.created_at AT TIME ZONE 'UTC')::date, 'system', 'system', s.seller_id,
       s.customer_id, s.id, coalesce(s.content ->> 'number', ''), '{}',
       sha256(convert_to(jsonb_build_array(s.seller_id, s.customer_id, s.content)::text, 'UTF8'))
FROM parties_partysnapshot s ORDER BY s.id;
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0003_track_less"), ("events", "0003_daymark")]
    operations = [migrations.RunSQL(SQL, migrations.RunSQL.noop)]
