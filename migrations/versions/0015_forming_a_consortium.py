"""What a partner does lies in the vault and is sealed with the plan; lots, skills, the lead that is offered, invitations
by mail

A contribution that was typed before is carried over: into the opened plan it belongs to, else into the vault of its
consortium, under the portal's key.
"""

import hashlib
import hmac
import secrets
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import app.core.models
from app.consortia import vault

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = app.core.models.Moment(timezone=True)
EMPTY = {"skills": [], "municipalities": [], "shares": {}, "declarations": {}}
UNSAID = {"role": "", "declared_by": "", "declared_at": "", "elsewhere": ""}

partner_table = sa.table(
    "consortium_partner",
    sa.column("consortium_id", sa.Uuid()),
    sa.column("organisation_id", sa.Uuid()),
    sa.column("contribution", sa.String()),
    sa.column("life_domains", sa.JSON()),
    sa.column("state", sa.String()),
)
opened_table = sa.table(
    "opened_proposal",
    sa.column("id", sa.Uuid()),
    sa.column("consortium_id", sa.Uuid()),
    sa.column("content", sa.JSON()),
)
consortium_table = sa.table(
    "consortium", sa.column("id", sa.Uuid()), sa.column("draft_key", sa.LargeBinary()), sa.column("version", sa.Integer())
)
slot_table = sa.table(
    "draft_slot",
    *(sa.column(name, sa.Uuid()) for name in ("id", "consortium_id")),
    *(sa.column(name, sa.String()) for name in ("name", "digest")),
    sa.column("ciphertext", sa.LargeBinary()),
    sa.column("version", sa.Integer()),
    *(sa.column(name, MOMENT) for name in ("created_at", "edited_at")),
)


def upgrade():
    carry_over()
    with op.batch_alter_table("consortium") as consortium:
        consortium.add_column(sa.Column("lot_id", sa.Uuid(), nullable=True))
        consortium.add_column(sa.Column("lead_offered_to_id", sa.Uuid(), nullable=True))
        consortium.add_column(sa.Column("lapsed_at", MOMENT, nullable=True))
        consortium.create_foreign_key(op.f("fk_consortium_lot_id"), "lot", ["lot_id"], ["id"])
        name = op.f("fk_consortium_lead_offered_to_id")
        consortium.create_foreign_key(name, "organisation", ["lead_offered_to_id"], ["id"])
        consortium.create_index(op.f("ix_consortium_lot_id"), ["lot_id"])
    with op.batch_alter_table("consortium_partner") as partner:
        partner.add_column(sa.Column("role", sa.String(), nullable=False, server_default=""))
        partner.add_column(sa.Column("skills", sa.JSON(), nullable=False, server_default="[]"))
        partner.add_column(sa.Column("municipalities", sa.JSON(), nullable=False, server_default="[]"))
        partner.add_column(sa.Column("instead_of_id", sa.Uuid(), nullable=True))
        name = op.f("fk_consortium_partner_instead_of_id")
        partner.create_foreign_key(name, "consortium_partner", ["instead_of_id"], ["id"])
        partner.drop_column("contribution")
    with op.batch_alter_table("consortium_partner") as partner:  # the defaults were for the partners that stood
        for column in ("role", "skills", "municipalities"):
            partner.alter_column(column, server_default=None)
    op.create_table(
        "mailed_invitation",
        *(sa.Column(name, sa.Uuid(), nullable=False) for name in ("consortium_id", "invited_by_id")),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "address", "token_digest")),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_mailed_invitation_{column}"))
            for column, table in {
                "consortium_id": "consortium", "invited_by_id": "user", "organisation_id": "organisation"
            }.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_invitation")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_mailed_invitation_token_digest")),
    )
    op.create_index(op.f("ix_mailed_invitation_consortium_id"), "mailed_invitation", ["consortium_id"])


def downgrade():
    expect_nothing_lost()
    op.drop_table("mailed_invitation")
    with op.batch_alter_table("consortium_partner") as partner:
        partner.drop_constraint(op.f("fk_consortium_partner_instead_of_id"), type_="foreignkey")
        for column in ("instead_of_id", "municipalities", "skills", "role"):
            partner.drop_column(column)
        partner.add_column(sa.Column("contribution", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("consortium_partner") as partner:
        partner.alter_column("contribution", server_default=None)
    with op.batch_alter_table("consortium") as consortium:
        consortium.drop_index(op.f("ix_consortium_lot_id"))
        consortium.drop_constraint(op.f("fk_consortium_lead_offered_to_id"), type_="foreignkey")
        consortium.drop_constraint(op.f("fk_consortium_lot_id"), type_="foreignkey")
        for column in ("lapsed_at", "lead_offered_to_id", "lot_id"):
            consortium.drop_column(column)
    give_back()


def expect_nothing_lost():
    for what, query in {
        "invitations that were mailed": "SELECT count(*) FROM mailed_invitation",
        "a consortium for one lot": "SELECT count(*) FROM consortium WHERE lot_id IS NOT NULL",
        "the parts of partners in a draft": "SELECT count(*) FROM draft_slot WHERE name LIKE 'part:%'",
    }.items():
        if op.get_bind().execute(sa.text(query)).scalar():
            raise RuntimeError(f"the schema before this one cannot hold {what}")


def carry_over():
    """Each contribution goes where contributions are from now on."""
    bind = op.get_bind()
    parts = {}
    for row in bind.execute(sa.select(partner_table).where(partner_table.c.contribution != "")):
        said = {"contribution": row.contribution, "life_domains": row.life_domains}
        parts.setdefault(row.consortium_id, {})[str(row.organisation_id)] = {**EMPTY, **UNSAID, **said}
    opened = {row.consortium_id: row for row in bind.execute(sa.select(opened_table))}
    for consortium_id, said in parts.items():
        if consortium_id in opened:
            row = opened[consortium_id]
            content = {**row.content, "parts": said | row.content.get("parts", {})}
            bind.execute(opened_table.update().where(opened_table.c.id == row.id).values(content=content))
        else:
            into_vault(bind, consortium_id, said)


def into_vault(bind, consortium_id, said):
    """As `app.consortia.vault` writes: a key for the consortium, its salt, and a slot per part."""
    key, salt, now = AESGCM.generate_key(bit_length=256), secrets.token_hex(32), datetime.now(UTC)
    wrapped = vault._encrypt(vault._wrapping_key(consortium_id), key, consortium_id.bytes)
    mine = consortium_table.update().where(consortium_table.c.id == consortium_id, consortium_table.c.draft_key.is_(None))
    if bind.execute(mine.values(draft_key=wrapped)).rowcount == 0:
        raise RuntimeError("a draft was begun under this schema before its parts were carried over")
    for name, value in {vault.SALT: salt, **{f"part:{key}": part for key, part in said.items()}}.items():
        plaintext = vault._canonical(value)
        digest = (
            hashlib.sha256(plaintext).hexdigest()
            if name == vault.SALT
            else hmac.new(bytes.fromhex(salt), name.encode() + b"\0" + plaintext, "sha256").hexdigest()
        )
        ciphertext = vault._encrypt(key, plaintext, vault._bound_to(consortium_id, name))
        bind.execute(
            slot_table.insert().values(
                id=uuid.uuid4(), consortium_id=consortium_id, name=name, digest=digest, ciphertext=ciphertext,
                version=1, created_at=now, edited_at=now,
            )
        )


def give_back():
    bind = op.get_bind()
    for row in bind.execute(sa.select(opened_table)).all():
        content = dict(row.content)
        for organisation, part in content.pop("parts", {}).items():
            its = (partner_table.c.consortium_id == row.consortium_id) & (
                partner_table.c.organisation_id == uuid.UUID(organisation)
            )
            bind.execute(partner_table.update().where(its).values(contribution=part["contribution"]))
        bind.execute(opened_table.update().where(opened_table.c.id == row.id).values(content=content))
