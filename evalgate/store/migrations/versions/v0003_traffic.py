"""Interactions, what was said of them, windows, alerts and deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here from the revision before."""
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_reply_project_expires_at"),
            ["project", "expires_at"],
            unique=False,
        )
    op.create_table(
        "worker",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_worker")),
    )
    op.create_table(
        "interaction",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("draw", sa.Float(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=True),
        sa.Column("sample_digest", sa.Text(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_interaction_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_interaction")),
        sa.UniqueConstraint("project", "source", "external_id", name=op.f("uq_interaction_project_source_external_id")),
    )
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interaction_project_completed_at"), ["project", "completed_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_interaction_project_user_key"), ["project", "user_key"], unique=False)

    op.create_table(
        "traffic_alert",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("muted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("muted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_traffic_alert_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_traffic_alert")),
        sa.UniqueConstraint(
            "project", "suite", "metric", "slice", name=op.f("uq_traffic_alert_project_suite_metric_slice")
        ),
    )
    op.create_table(
        "traffic_check",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("annotator", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_traffic_check_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_traffic_check")),
        sa.UniqueConstraint(
            "project",
            "suite",
            "name",
            "criterion",
            "digest",
            name=op.f("uq_traffic_check_project_suite_name_criterion_digest"),
        ),
    )
    op.create_table(
        "traffic_count",
        sa.Column("project", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_traffic_count_project_project")),
        sa.PrimaryKeyConstraint("project", "source", "hour", "result", name=op.f("pk_traffic_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "traffic_mark",
        sa.Column("project", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_traffic_mark_project_project")),
        sa.PrimaryKeyConstraint("project", name=op.f("pk_traffic_mark")),
    )
    op.create_table(
        "traffic_window",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suite_digest", sa.Text(), nullable=True),
        sa.Column("spent_usd", sa.Float(), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_traffic_window_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_traffic_window")),
        sa.UniqueConstraint(
            "project", "suite", "starts_at", "version", name=op.f("uq_traffic_window_project_suite_starts_at_version")
        ),
    )
    with op.batch_alter_table("traffic_window", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_traffic_window_project_suite_ends_at"), ["project", "suite", "ends_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_traffic_window_project_state_ends_at"), ["project", "state", "ends_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_traffic_window_project_spent_at"), ["project", "spent_at"], unique=False)

    op.create_table(
        "interaction_text",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["interaction.number"], name=op.f("fk_interaction_text_number_interaction"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_interaction_text")),
    )
    op.create_table(
        "traffic_estimate",
        sa.Column("window", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("traffic_check", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("scored", sa.Integer(), nullable=False),
        sa.Column("point", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("mean", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["traffic_check"], ["traffic_check.number"], name=op.f("fk_traffic_estimate_traffic_check_traffic_check")
        ),
        sa.ForeignKeyConstraint(
            ["window"],
            ["traffic_window.number"],
            name=op.f("fk_traffic_estimate_window_traffic_window"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("window", "traffic_check", "slice", name=op.f("pk_traffic_estimate")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "traffic_telling",
        sa.Column("window", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["window"],
            ["traffic_window.number"],
            name=op.f("fk_traffic_telling_window_traffic_window"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("window", name=op.f("pk_traffic_telling")),
    )
    op.create_table(
        "traffic_event",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("alert", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["traffic_alert.number"], name=op.f("fk_traffic_event_alert_traffic_alert")),
        sa.ForeignKeyConstraint(
            ["window"], ["traffic_window.number"], name=op.f("fk_traffic_event_window_traffic_window")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_traffic_event")),
    )
    with op.batch_alter_table("traffic_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_traffic_event_alert_at"), ["alert", "at"], unique=False)

    op.create_table(
        "traffic_score",
        sa.Column(
            "interaction", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("traffic_check", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("chance", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interaction"],
            ["interaction.number"],
            name=op.f("fk_traffic_score_interaction_interaction"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["traffic_check"], ["traffic_check.number"], name=op.f("fk_traffic_score_traffic_check_traffic_check")
        ),
        sa.PrimaryKeyConstraint("interaction", "traffic_check", name=op.f("pk_traffic_score")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "delivery",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["traffic_event.number"], name=op.f("fk_delivery_event_traffic_event")),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_delivery_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_delivery")),
        sa.UniqueConstraint("event", "target", name=op.f("uq_delivery_event_target")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_state_next_at"), ["state", "next_at"], unique=False)


def downgrade() -> None:
    """Take the schema back to the revision before."""
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_state_next_at"))

    op.drop_table("delivery")
    op.drop_table("traffic_score")
    with op.batch_alter_table("traffic_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_traffic_event_alert_at"))

    op.drop_table("traffic_event")
    op.drop_table("traffic_telling")
    op.drop_table("traffic_estimate")
    op.drop_table("interaction_text")
    with op.batch_alter_table("traffic_window", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_traffic_window_project_spent_at"))
        batch_op.drop_index(batch_op.f("ix_traffic_window_project_state_ends_at"))
        batch_op.drop_index(batch_op.f("ix_traffic_window_project_suite_ends_at"))

    op.drop_table("traffic_window")
    op.drop_table("traffic_mark")
    op.drop_table("traffic_count")
    op.drop_table("traffic_check")
    op.drop_table("traffic_alert")
    with op.batch_alter_table("interaction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interaction_project_user_key"))
        batch_op.drop_index(batch_op.f("ix_interaction_project_completed_at"))

    op.drop_table("interaction")
    op.drop_table("worker")
    with op.batch_alter_table("reply", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reply_project_expires_at"))
        batch_op.drop_column("expires_at")
