"""What must be true when the story has been told: books, trail, settlements and mail."""

from app.audit import trail
from app.audit.models import AuditEntry
from app.extensions import db
from app.ledger import cli as books
from app.ledger.balances import all_balances
from app.ledger.models import AccountKind
from app.notifications.models import Notification
from app.settlement.invariants import settlements_recompute
from tests.story.stage import Stage
from tests.told import told

# Who must have heard of each step; more may have.
TOLD = {
    "programme.submit": {"official2"},
    "programme.approve": {"government", "hengelo", "intermediary", "assessor", "auditor"},
    "table.submit": {"official2"},
    "table.publish": {"hengelo", "intermediary", "assessor"},
    "round.open": {"investor", "investor2"},
    "round.close": {"investor", "investor2", "government"},
    "call.publish": {"provider", "partner", "rival"},
    "question.ask": {"government"},
    "nota.publish": {"rival"},
    "consortium.invite": {"partner"},
    "consortium.accept": {"provider"},
    "proposal.submit": {"provider", "partner", "rival"},
    "award.decide": {"provider", "partner", "rival"},
    "award.finalise": {"provider", "partner", "rival", "intermediary"},
    "agreement.offer": {"government", "hengelo", "investor", "investor2", "provider", "partner", "assessor"},
    "capital_call.approve": {"investor", "investor2"},
    "claim.reject": {"provider"},
    "batch.sign_off": {"provider", "intermediary", "government", "hengelo"},
    "settlement.check": {"government", "hengelo"},
    "distribution.approve": {"investor2"},  # senior first: the other has nothing yet
}
SEALED = ("Eén vaste begeleider", "Groepsgericht traject")


def balance(stage: Stage) -> None:
    """A zero-sum to the cent: 120,000 in and spent, 7,500 earned and paid on, nothing left in the bank."""
    with stage.app.app_context(), stage.told():
        assert books.faults() == []
        assert list(settlements_recompute()) == []
        (accounts,) = all_balances().values()
        by_kind = {kind: sum(m for (k, _), m in accounts.items() if k == kind) for kind in AccountKind}
        assert by_kind[AccountKind.BANK] == 0
        assert by_kind[AccountKind.RECEIVABLE] == 0
        assert by_kind[AccountKind.RUNNING_COSTS] == 12_000_000
        assert by_kind[AccountKind.INVESTOR_CAPITAL] == 12_000_000 - 750_000


def verify(stage: Stage) -> None:
    with stage.app.app_context(), stage.told():
        assert list(trail.verify()) == []
        acts = set(db.session.scalars(db.select(AuditEntry.action)))
        assert acts >= set(TOLD) | {"participant.register", "claim.verify", "agreement.sign", "payment.receive"}
        known = set(db.session.scalars(db.select(AuditEntry.actor_id)))
        assert len(known) >= 15  # each act is of the person who did it
    auditor = stage["auditor"]
    auditor.open(f"{stage.places['bond']}/trail")


def tell(stage: Stage) -> None:
    with stage.app.app_context():
        for action, names in TOLD.items():
            missed = {f"{name}@demo.example" for name in names} - told(action)
            assert not missed, f"{action}: {sorted(missed)} heard nothing, only {sorted(told(action))}"
        for mail in db.session.scalars(db.select(Notification)):
            assert not any(words in mail.body for words in SEALED), f"{mail.action} to {mail.address} tells of a plan"
