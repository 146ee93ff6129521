"""Who changed the plan, documents of published revisions, a stop for sending, an audit trail that is only added to"""

import sqlalchemy as sa
from alembic import op

from bot.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by", sa.String(length=320), nullable=True))

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("milestone_key", sa.String(length=100), nullable=True))

    with op.batch_alter_table("slack_users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locale", sa.String(length=35), nullable=True))

    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE reports SET seen = coalesce((SELECT max(answers.id) FROM answers"
        " WHERE answers.at <= reports.published_at), 0) WHERE subject <> 'all'"
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.alter_column("seen", server_default=None)

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_state"))
        batch_op.alter_column("kind", existing_type=sa.String(length=20), type_=sa.String(length=40))

    op.create_table(
        "controls",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=320), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_controls")),
    )

    op.create_table(
        "report_files",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name=op.f("fk_report_files_report_id_reports")),
        sa.PrimaryKeyConstraint("report_id", "name", name=op.f("pk_report_files")),
    )

    op.create_table(
        "drafts",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("dialog", sa.String(length=300), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=True),
        sa.Column("typed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("typed_order", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_drafts_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", "dialog", name=op.f("pk_drafts")),
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_drafts_dialog"), ["dialog"], unique=False)

    op.create_index(
        "ix_answers_decisions",
        "answers",
        ["project_id", "item_key"],
        sqlite_where=sa.text("kind = 'decision'"),
        postgresql_where=sa.text("kind = 'decision'"),
    )
    op.create_table(
        "homes",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("greeted_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_homes_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_homes")),
    )

    _read_trackers()
    _let_several_hands_answer()
    _name_people_by_row_in_the_audit_trail()
    for statement in _ONLY_ADDED_TO[op.get_bind().dialect.name]:
        op.execute(statement)


def _read_trackers() -> None:
    with op.batch_alter_table("milestones", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tracker", sa.JSON(), nullable=True))
    op.create_table(
        "trackings",
        sa.Column("project_key", sa.String(length=100), nullable=False),
        sa.Column("milestone_key", sa.String(length=100), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("tried_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_key", "milestone_key", "quarter", "source", name=op.f("pk_trackings")),
    )


def _let_several_hands_answer() -> None:
    """Co-owners, deputies, and whoever was asked to answer in an owner's place."""
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("for_whom", sa.String(length=320), nullable=True))
    op.create_table(
        "co_owners",
        sa.Column("milestone_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], name=op.f("fk_co_owners_milestone_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_co_owners_person_id")),
        sa.PrimaryKeyConstraint("milestone_id", "person_id", name=op.f("pk_co_owners")),
    )
    op.create_table(
        "deputies",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["deputy_id"], ["people.id"], name=op.f("fk_deputies_deputy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_deputies_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_deputies")),
    )
    op.create_table(
        "stand_ins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("project_key", sa.String(length=100), nullable=False),
        sa.Column("milestone_key", sa.String(length=100), nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_stand_ins_owner_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_stand_ins_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stand_ins")),
    )
    with op.batch_alter_table("stand_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stand_ins_project_key"), ["project_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_stand_ins_state"), ["state"], unique=False)
    op.create_index(
        "ux_stand_ins_deputy",
        "stand_ins",
        ["project_key", "milestone_key", "quarter", "person_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'deputy' AND state IN ('asked', 'answered')"),
        postgresql_where=sa.text("kind = 'deputy' AND state IN ('asked', 'answered')"),
    )


def _name_people_by_row_in_the_audit_trail() -> None:
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("via", sa.String(length=20), nullable=False, server_default="slack"))
    op.execute("UPDATE audit SET via = 'bot' WHERE who = ''")
    # Admins could act without a row of their own.
    op.execute(
        "INSERT INTO people (name, slack_id) SELECT DISTINCT who, who FROM audit WHERE who <> ''"
        " AND who NOT IN (SELECT ref FROM person_refs)"
        " AND who NOT IN (SELECT slack_id FROM people WHERE slack_id IS NOT NULL)"
    )
    op.execute(
        "UPDATE audit SET person_id = coalesce((SELECT id FROM people WHERE slack_id = who),"
        " (SELECT person_id FROM person_refs WHERE ref = who)) WHERE who <> ''"
    )
    _name_by_row_in_details()
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_column("who")
        batch_op.alter_column("via", server_default=None)


def _name_by_row_in_details() -> None:
    """The details of handovers and reassignments hold refs and Slack ids of people too."""
    connection = op.get_bind()
    people = connection.execute(
        sa.text("SELECT ref, person_id FROM person_refs UNION SELECT slack_id, id FROM people WHERE slack_id IS NOT NULL")
    )
    rows = {ref: str(number) for ref, number in people}
    audit = sa.table("audit", sa.column("id", sa.Integer), sa.column("detail", sa.JSON))
    for number, detail in connection.execute(sa.select(audit.c.id, audit.c.detail)).all():
        by_row = {name: rows.get(value, "") if name in _PEOPLE else value for name, value in detail.items()}
        connection.execute(sa.update(audit).where(audit.c.id == number).values(detail=by_row))


_PEOPLE = ("to", "before", "after")
_ONLY_ADDED_TO = {
    "sqlite": [
        f"CREATE TRIGGER audit_refuses_{deed.lower()} BEFORE {deed} ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END"
        for deed in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$",
        "CREATE TRIGGER audit_is_only_added_to BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_is_only_added_to()",
    ],
}
_TRIGGERS = {
    "sqlite": ["DROP TRIGGER audit_refuses_update", "DROP TRIGGER audit_refuses_delete"],
    "postgresql": ["DROP TRIGGER audit_is_only_added_to ON audit", "DROP FUNCTION audit_is_only_added_to"],
}


def downgrade() -> None:
    for statement in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("who", sa.String(length=320), nullable=False, server_default=""))
    op.execute("UPDATE audit SET who = coalesce((SELECT slack_id FROM people WHERE people.id = person_id), '')")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.alter_column("who", server_default=None)
        batch_op.drop_column("person_id")
        batch_op.drop_column("via")

    op.drop_table("homes")
    op.drop_index("ix_answers_decisions", table_name="answers")
    op.drop_table("trackings")
    with op.batch_alter_table("milestones", schema=None) as batch_op:
        batch_op.drop_column("tracker")
    for table in ("stand_ins", "deputies", "co_owners"):
        op.drop_table(table)
    with op.batch_alter_table("answers", schema=None) as batch_op:
        batch_op.drop_column("for_whom")

    op.drop_table("drafts")

    op.drop_table("report_files")
    op.drop_table("controls")

    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_column("seen")

    with op.batch_alter_table("slack_users", schema=None) as batch_op:
        batch_op.drop_column("locale")

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_state"), ["state"], unique=False)
        batch_op.alter_column("kind", existing_type=sa.String(length=40), type_=sa.String(length=20))

    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_column("milestone_key")

    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_column("by")
