"""A claim is checked against the rules of the agreement when it is registered, and the refusal names the rule."""

import hashlib
import io
import uuid
from datetime import date, timedelta

import pytest

from app.core.errors import NotNow, Refused
from app.demonstration.document import pdf
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.operations import register_claim
from app.outcomes.proving import submit_proof, withdraw_proof
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import ClaimState
from app.pricing.models import EvidenceType
from tests.browser import soup
from tests.evidence.images import photo, scan
from tests.factories.outcomes import START, make_claim, make_delivery, make_participant
from tests.factories.pricing import make_table
from tests.factories.verification import make_sampled
from tests.told import recorded, told, words_told

DIGEST = "ab" * 32
PDF, PNG, JPEG = pdf("contract.pdf", "A contract.").content, scan(), photo()
LARGEST = 10 * 1024 * 1024
ACHIEVED = date(2026, 5, 1)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def participant(bond):
    return make_participant(bond, started_on=date(2026, 2, 1))


def facts(bond, code="work-13w", **changes) -> ClaimFacts:
    effect = changes.pop("effect", None) or bond.effect(code)
    defaults = {
        "achieved_on": ACHIEVED,
        "evidence_type": EvidenceType.EMPLOYER,
        "evidence_issuer": "employer",
        "evidence_on": ACHIEVED,
        "evidence_digest": DIGEST,
    }
    return ClaimFacts(effect=effect, **(defaults | changes))


def typed(bond, **changes):
    form = {
        "effect": str(bond.effect("work-13w").id),
        "achieved_on": "2026-05-01",
        "quantity": "1",
        "evidence_type": "employer",
        "evidence_issuer": "employer",
        "evidence_on": "2026-05-02",
        "evidence_digest": DIGEST,
        "note": "Contract of 24 hours.",
    }
    return form | changes


def claim(bond, participant, **changes):
    return register_claim(participant, facts(bond, **changes), actor=bond.provider, once=uuid.uuid4())


def test_the_provider_claims_and_submits(bond, participant, browse):
    browser = browse(bond.provider)
    page = browser.follow(browser.post_form(f"/participants/{participant.id}/claim", typed(bond)))
    made = db.session.scalars(db.select(Claim)).one()
    assert made.state == ClaimState.REGISTERED
    assert made.note in page.text
    assert told("claim.register") == set()

    assert browser.submit(browser.click(page, "Submit")).status_code == 303
    db.session.refresh(made)
    assert made.state == ClaimState.SUBMITTED
    assert made.submitted_at is not None
    assert told("claim.submit") == {bond.assessor.email}
    assert participant.code not in words_told("claim.submit")
    assert "24 hours" not in str(recorded("claim.register"))
    assert browser.get(f"/claims/{made.id}/submit").status_code == 409


RULES = [
    ("achieved_on", {"achieved_on": date(2026, 1, 31)}, "before the start"),
    ("achieved_on", {"achieved_on": date(2026, 11, 16)}, "in the future"),
    ("quantity", {"quantity": 2}, "twice in one claim for an effect per person"),
    ("quantity", {"code": "days", "quantity": 0}, "nothing"),
    ("effect", {"code": "work-26w"}, "requires thirteen weeks first"),
    ("evidence_type", {"evidence_type": EvidenceType.SCHOOL}, "the wrong kind of evidence"),
    ("evidence_on", {"evidence_on": ACHIEVED - timedelta(days=1)}, "evidence from before"),
    ("evidence_on", {"evidence_on": ACHIEVED + timedelta(days=91)}, "outside the window of 90 days"),
    ("evidence_digest", {"evidence_digest": "ab" * 31}, "not a SHA-256"),
    ("evidence_digest", {"evidence_digest": "xy" * 32}, "not hexadecimal"),
    ("evidence_issuer", {"evidence_issuer": "A. de Vries 123456782"}, "a BSN"),
    ("evidence_issuer", {"evidence_issuer": "the neighbour"}, "an issuer that is on no list"),
    ("note", {"note": "rijksregisternummer 85.07.30-033.28"}, "a rijksregisternummer"),
]


@pytest.mark.parametrize("field, changes, why", RULES, ids=[why for _, _, why in RULES])
def test_a_claim_against_the_rules_is_refused_on_its_field(bond, participant, field, changes, why):
    with pytest.raises(Refused) as refused:
        claim(bond, participant, **changes)
    assert refused.value.field == field
    assert db.session.query(Claim).count() == 0


def test_the_last_day_of_the_window_and_the_first_of_the_programme_still_count(bond, participant):
    claim(bond, participant, evidence_on=ACHIEVED + timedelta(days=90))
    claim(bond, make_participant(bond), achieved_on=START, evidence_on=START, evidence_digest="cd" * 32)
    assert db.session.query(Claim).count() == 2


def test_effects_accrue_until_the_end_of_the_tail(app):
    bond = make_delivery(ends_on=date(2026, 6, 30), tail_until=date(2026, 9, 30))
    participant = make_participant(bond)
    last = date(2026, 9, 30)
    claim(bond, participant, achieved_on=last, evidence_on=last)
    with pytest.raises(Refused) as refused:
        later = last + timedelta(days=1)
        claim(bond, make_participant(bond), achieved_on=later, evidence_on=later)
    assert (refused.value.field, "tail" in str(refused.value.message)) == ("achieved_on", True)


@pytest.mark.parametrize("state, again", [("submitted", False), ("settled", False), ("rejected", True)])
def test_once_only(bond, participant, state, again):
    """A rejected or withdrawn claim may be claimed anew, any other counts."""
    make_claim(bond, participant, state=ClaimState(state))
    if again:
        claim(bond, participant)
        return
    with pytest.raises(Refused) as refused:
        claim(bond, participant)
    assert "once only" in str(refused.value.message)


def test_an_effect_per_unit_is_claimed_as_often_as_it_is_achieved(bond, participant):
    for day in range(3):
        on = ACHIEVED + timedelta(days=day)
        claim(
            bond, participant, code="days", quantity=10, achieved_on=on, evidence_on=on, evidence_digest=f"{day:064x}"
        )
    assert db.session.query(Claim).count() == 3


@pytest.mark.parametrize("days, allowed", [(0, True), (1, False), (-1, True)])
def test_what_is_required_must_be_claimed_the_same_day_or_earlier(bond, participant, days, allowed):
    make_claim(bond, participant, achieved_on=ACHIEVED + timedelta(days=days), state=ClaimState.VERIFIED)
    if allowed:
        claim(bond, participant, code="work-26w")
        return
    with pytest.raises(Refused) as refused:
        claim(bond, participant, code="work-26w")
    assert "Thirteen weeks of work" in str(refused.value.message)


def test_a_rejected_requirement_is_none(bond, participant):
    make_claim(bond, participant, achieved_on=ACHIEVED, state=ClaimState.REJECTED)
    with pytest.raises(Refused):
        claim(bond, participant, code="work-26w")


def test_an_effect_of_another_table_is_refused(bond, participant):
    other = make_table(bond.programme)
    with pytest.raises(Refused) as refused:
        claim(bond, participant, effect=other.effects[0])
    assert refused.value.field == "effect"


@pytest.mark.parametrize("first, name", [(PDF, "contract.txt"), (PNG, "contract.png"), (JPEG, "contract")])
def test_a_document_is_hashed_and_not_kept(bond, participant, browse, first, name):
    """Its first bytes tell what it is, not its name; the largest that is allowed is allowed."""
    document = first.ljust(LARGEST, b"x")
    answer = browse(bond.provider).post_form(
        f"/participants/{participant.id}/claim", typed(bond, evidence_digest="", document=(io.BytesIO(document), name))
    )
    assert answer.status_code == 303
    made = db.session.scalars(db.select(Claim)).one()
    assert made.evidence_digest == hashlib.sha256(document).hexdigest()


REFUSED_DOCUMENTS = {
    "none": (None, "", "Choose the document"),
    "too large": (PDF.ljust(LARGEST + 1, b"x"), "", "at most 10 MB"),
    "empty": (b"", "", "empty"),
    "a web page": (b"<!doctype html><p>%PDF-1.7", "", "not a PDF, PNG or JPEG"),
    "an office file": (b"PK\x03\x04" + b"x" * 100, "", "not a PDF, PNG or JPEG"),
    "a program": (b"MZ\x90\x00", "", "not a PDF, PNG or JPEG"),
    "half a signature": (b"%PD", "", "not a PDF, PNG or JPEG"),
    "another than the SHA-256 says": (PDF, DIGEST, "not the document"),
    "a PDF by its first bytes alone": (b"%PDF-1.7\n", "", "cannot be opened as one"),
    "a PDF that broke off": (PDF[: len(PDF) // 2], "", "cannot be opened as one"),
    "an image that broke off": (JPEG[: len(JPEG) // 2], "", "damaged"),
}


@pytest.mark.parametrize("document, digest, words", REFUSED_DOCUMENTS.values(), ids=REFUSED_DOCUMENTS)
def test_a_document_of_a_wrong_kind_or_size_is_refused(bond, participant, browse, document, digest, words):
    changes = {"evidence_digest": digest}
    if document is not None:
        changes["document"] = (io.BytesIO(document), "contract.pdf")
    answer = browse(bond.provider).post_form(f"/participants/{participant.id}/claim", typed(bond, **changes))
    assert answer.status_code == 422
    page = soup(answer)
    assert words in page.select_one("#document-error").text
    assert "PDF, PNG or JPEG of at most 10 MB" in page.select_one("#document-help").text
    assert page.select_one("#note").text.strip() == "Contract of 24 hours.", "what was typed is kept"
    assert "was read" not in page.text
    assert db.session.query(Claim).count() == 0


def test_everything_that_is_wrong_is_said_at_once(bond, participant, browse):
    """The shape of one field, the rules of others, and the document: nobody is sent back four times."""
    wrong = {
        "achieved_on": "2026-01-31",  # before the start
        "quantity": "0",
        "evidence_type": "school",
        "evidence_on": "2026-11-16",  # tomorrow
        "evidence_digest": "",
        "document": (io.BytesIO(b"PK"), "contract.pdf"),
    }
    answer = browse(bond.provider).post_form(f"/participants/{participant.id}/claim", typed(bond, **wrong))
    assert answer.status_code == 422
    bad = {error["id"] for error in soup(answer).select("main .field__error")}
    assert bad == {f"{name}-error" for name in wrong if name != "evidence_digest"}
    assert len(soup(answer).select(".errors li")) == 5


def test_a_document_that_was_read_need_not_be_chosen_again(bond, participant, browse):
    """A browser forgets the file; its SHA-256 stays in the form, and the page says so."""
    browser, document = browse(bond.provider), PDF + b"a contract"
    page = browser.post_form(
        f"/participants/{participant.id}/claim",
        typed(bond, achieved_on="2027-01-01", evidence_digest="", document=(io.BytesIO(document), "contract.pdf")),
    )
    assert page.status_code == 422
    assert "Your document was read" in page.text
    assert browser.submit(page, {"achieved_on": "2026-05-01"}).status_code == 303
    assert db.session.scalars(db.select(Claim)).one().evidence_digest == hashlib.sha256(document).hexdigest()


IMPOSSIBLE = [
    ("effect", ""),
    ("achieved_on", "2026-11-16"),  # tomorrow
    ("achieved_on", "2026-01-31"),  # the day before the start of the participant
    ("achieved_on", "2025-12-31"),  # before the bond
    ("achieved_on", "0026-05-01"),
    ("achieved_on", "2026-02-30"),
    ("achieved_on", ""),
    ("quantity", "-1"),
    ("quantity", "0"),
    ("quantity", "2"),  # of an effect per person
    ("quantity", "10001"),
    ("quantity", "99999999999999999999"),
    ("quantity", "1.5"),
    ("quantity", "many"),
    ("quantity", ""),
    ("evidence_type", "school"),
    ("evidence_type", ""),
    ("evidence_issuer", ""),
    ("evidence_on", "2026-04-30"),  # before the effect
    ("evidence_on", "2026-11-16"),
    ("evidence_digest", "zz" * 32),
    ("evidence_digest", "ab" * 33),
    ("note", "x" * 2_001),
]


@pytest.mark.parametrize("field, value", IMPOSSIBLE, ids=[f"{field}-{value[:20]}" for field, value in IMPOSSIBLE])
def test_an_impossible_value_is_refused_on_its_field_and_kept(bond, participant, browse, field, value):
    answer = browse(bond.provider).post_form(f"/participants/{participant.id}/claim", typed(bond, **{field: value}))
    assert answer.status_code == 422
    page = soup(answer)
    assert [error["id"] for error in page.select("main .field__error")] == [f"{field}-error"]
    assert db.session.query(Claim).count() == 0
    control = page.select_one(f"#{field}")
    shown = control.select_one("option[selected]") or control
    assert (shown.text.strip() if control.name == "textarea" else shown.get("value", "")) == value


def test_an_effect_per_unit_is_not_claimed_twice_for_the_same_day(bond, participant, browse):
    form = typed(bond, effect=str(bond.effect("days").id), quantity="10")
    browser = browse(bond.provider)
    assert browser.post_form(f"/participants/{participant.id}/claim", form).status_code == 303
    answer = browser.post_form(f"/participants/{participant.id}/claim", form | {"quantity": "9"})
    assert answer.status_code == 422
    assert "once only" in soup(answer).select_one("#achieved_on-error").text
    assert db.session.query(Claim).count() == 1


def test_a_national_number_is_refused_in_the_form_and_what_was_typed_is_kept(bond, participant, browse):
    answer = browse(bond.provider).post_form(
        f"/participants/{participant.id}/claim", typed(bond, note="BSN 1234.56.782", quantity="0")
    )
    assert answer.status_code == 422
    page = soup(answer)
    assert "national number" in page.select_one("#note-error").text
    assert page.select_one("#quantity-error") is not None
    assert page.select_one("#evidence_issuer option[selected]")["value"] == "employer"
    assert db.session.query(Claim).count() == 0


@pytest.mark.parametrize("sampled", [True, False])
def test_who_takes_a_claim_back_reads_before_that_it_may_count_as_a_fault(app, browse, sampled):
    """What is taken back after the draw counts as a fault of the sample (tests/verification/test_conclude.py)."""
    bond = make_sampled() if sampled else make_delivery()
    handed_in, mine = make_claim(bond), make_claim(bond, state=ClaimState.REGISTERED)
    told = "counts as a fault of the sample"
    assert (told in browse(bond.provider).get_ok(f"/claims/{handed_in.id}/withdraw").text) is sampled
    assert told not in browse(bond.provider).get_ok(f"/claims/{mine.id}/withdraw").text


def test_a_claim_is_withdrawn_until_it_is_decided(bond, participant, browse):
    waiting = make_claim(bond, participant)
    assert browse(bond.provider).post_form(f"/claims/{waiting.id}/withdraw").status_code == 303
    db.session.refresh(waiting)
    assert waiting.state == ClaimState.WITHDRAWN
    assert told("claim.withdraw") == {bond.assessor.email}
    decided = make_claim(bond, state=ClaimState.VERIFIED)
    with pytest.raises(NotNow):
        withdraw_proof(decided, actor=bond.provider)


def test_nothing_is_claimed_before_the_agreement(bond, participant, browse):
    from app.agreements.states import AgreementState

    bond.agreement.state = AgreementState.OFFERED
    db.session.commit()
    assert browse(bond.provider).get(f"/participants/{participant.id}/claim").status_code == 409
    with pytest.raises(NotNow):
        claim(bond, participant)


def test_a_withdrawn_claim_is_not_submitted(bond, participant):
    withdrawn = make_claim(bond, participant, state=ClaimState.WITHDRAWN)
    with pytest.raises(NotNow):
        submit_proof(withdrawn, actor=bond.provider)
