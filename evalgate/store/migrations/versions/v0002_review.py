"""Queues, reviews, labels and calibration cards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema here from the first tables."""
    _queues()
    _answers()
    _labels()


def _queues() -> None:
    op.create_table(
        "queue",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rubric", sa.Text(), nullable=False),
        sa.Column("rubric_digest", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_queue_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_queue")),
        sa.UniqueConstraint("project", "name", name=op.f("uq_queue_project_name")),
    )
    op.create_table(
        "queue_item",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("sample_digest", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("harm", sa.Text(), nullable=True),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("explanation", sa.Text(), nullable=True),
        sa.Column("judged", sa.Text(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project", "sample_digest"],
            ["sample.project", "sample.digest"],
            name=op.f("fk_queue_item_project_sample_digest_sample"),
        ),
        sa.ForeignKeyConstraint(["queue"], ["queue.number"], name=op.f("fk_queue_item_queue_queue")),
        sa.ForeignKeyConstraint(["run"], ["run.number"], name=op.f("fk_queue_item_run_run"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_queue_item")),
        sa.UniqueConstraint("queue", "sample_digest", name=op.f("uq_queue_item_queue_sample_digest")),
    )
    op.create_index(op.f("ix_queue_item_project_sample_digest"), "queue_item", ["project", "sample_digest"])
    op.create_index(op.f("ix_queue_item_queue_reason_number"), "queue_item", ["queue", "reason", "number"])
    op.create_index(op.f("ix_queue_item_queue_state_number"), "queue_item", ["queue", "state", "number"])
    op.create_table(
        "assignment",
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("harm", sa.Text(), nullable=False),
        sa.Column("rank", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["queue_item.number"], name=op.f("fk_assignment_item_queue_item")),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["user_account.number"], name=op.f("fk_assignment_reviewer_user_account")
        ),
        sa.PrimaryKeyConstraint("item", "slot", name=op.f("pk_assignment")),
        sa.UniqueConstraint("item", "reviewer", name=op.f("uq_assignment_item_reviewer")),
    )
    op.create_index(
        op.f("ix_assignment_queue_state_rank_item_slot"), "assignment", ["queue", "state", "rank", "item", "slot"]
    )
    op.create_index(op.f("ix_assignment_reviewer_queue_state"), "assignment", ["reviewer", "queue", "state"])


def _answers() -> None:
    op.create_table(
        "review",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("reviewer", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("spans", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("contested", sa.Boolean(), nullable=False),
        sa.Column("revealed", sa.Boolean(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item"], ["queue_item.number"], name=op.f("fk_review_item_queue_item")),
        sa.ForeignKeyConstraint(["reviewer"], ["user_account.number"], name=op.f("fk_review_reviewer_user_account")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_review")),
        sa.UniqueConstraint("item", "reviewer", name=op.f("uq_review_item_reviewer")),
    )
    op.create_index(op.f("ix_review_reviewer_submitted_at"), "review", ["reviewer", "submitted_at"])
    op.create_table(
        "decline",
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reviewer", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["queue_item.number"], name=op.f("fk_decline_item_queue_item")),
        sa.ForeignKeyConstraint(["reviewer"], ["user_account.number"], name=op.f("fk_decline_reviewer_user_account")),
        sa.PrimaryKeyConstraint("item", "reviewer", name=op.f("pk_decline")),
    )
    op.create_table(
        "reveal",
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reviewer", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["queue_item.number"], name=op.f("fk_reveal_item_queue_item")),
        sa.ForeignKeyConstraint(["reviewer"], ["user_account.number"], name=op.f("fk_reveal_reviewer_user_account")),
        sa.PrimaryKeyConstraint("item", "reviewer", name=op.f("pk_reveal")),
    )
    op.create_table(
        "adjudication",
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["user_account.number"], name=op.f("fk_adjudication_by_user_account")),
        sa.ForeignKeyConstraint(["item"], ["queue_item.number"], name=op.f("fk_adjudication_item_queue_item")),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_adjudication")),
    )


def _labels() -> None:
    op.create_table(
        "label",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("sample_digest", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("stratum", sa.Text(), nullable=True),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("rubric_digest", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("item", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["item"], ["queue_item.number"], name=op.f("fk_label_item_queue_item"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_label_project_project")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_label")),
        sa.UniqueConstraint(
            "project",
            "check_name",
            "criterion",
            "sample_digest",
            "source",
            name=op.f("uq_label_project_check_name_criterion_sample_digest_source"),
        ),
    )
    op.create_index(
        op.f("ix_label_project_check_name_criterion_split"), "label", ["project", "check_name", "criterion", "split"]
    )
    op.create_index(op.f("ix_label_project_sample_digest"), "label", ["project", "sample_digest"])
    op.create_table(
        "card",
        sa.Column("project", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("judge_digest", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_card_project_project")),
        sa.PrimaryKeyConstraint("project", "digest", name=op.f("pk_card")),
    )
    op.create_index(
        op.f("ix_card_project_check_name_criterion_judge_digest_made_at"),
        "card",
        ["project", "check_name", "criterion", "judge_digest", "made_at"],
    )
    op.create_table(
        "gold_case",
        sa.Column("project", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sample_digest", sa.Text(), nullable=False),
        sa.Column("suite", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("promoted_by", sa.Text(), nullable=False),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project"], ["project.number"], name=op.f("fk_gold_case_project_project")),
        sa.PrimaryKeyConstraint("project", "sample_digest", name=op.f("pk_gold_case")),
    )


def downgrade() -> None:
    """Take the schema back to the first tables."""
    for table in (
        "gold_case",
        "card",
        "label",
        "adjudication",
        "reveal",
        "decline",
        "review",
        "assignment",
        "queue_item",
        "queue",
    ):
        op.drop_table(table)
