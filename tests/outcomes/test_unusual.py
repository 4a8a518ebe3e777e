"""What is unusual is asked before it is recorded; what the price table rules out is refused with its rule.

Source: the domain, sections 3, 4 (D3) and 9: what is handed to the assessor is what the provider means to claim. A
version that records it and warns afterwards, that asks of what is usual, or lets a statement of the wrong hands through
for a tick breaks one of these.
"""

import io
import uuid
from dataclasses import replace
from datetime import date

import pytest

from app.core import clock
from app.core.errors import Refused
from app.extensions import db
from app.outcomes.issuers import ISSUED_BY, STATED_BY, IssuerClass, check_issuer
from app.outcomes.measuring import register_measurement
from app.outcomes.models import Claim, Measurement
from app.outcomes.operations import register_claim
from app.outcomes.rules import ClaimFacts
from app.pricing.models import UNPRICED, EffectKind, EvidenceType
from app.pricing.states import TableState
from app.verification.listing import signs_of
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_every_kind, make_measurement, make_participant
from tests.factories.pricing import make_effect, make_table
from tests.outcomes.test_cohort import HEAD, row
from tests.outcomes.test_measure import at, facts, typed

ODD = {"value": "0.44", "people": "13", "low": "0.2", "high": "0.7"}


@pytest.fixture
def bond(app):
    return make_every_kind()


def error(answer, name):
    found = soup(answer).select_one(f"#{name}-error")
    return found.text if found else ""


def count(model):
    return db.session.query(model).count()


def test_a_share_that_no_whole_number_of_people_gives_is_asked_before_it_is_recorded(bond, browse):
    """0.44 of 13: 5 are 0.38 and 6 are 0.46. What was typed stays; mended or ticked it is recorded."""
    browser = browse(bond.provider)
    assert not soup(browser.get_ok(at(bond, "coupon"))).select("#is_estimate"), "asked of nobody else"
    answer = browser.post_form(at(bond, "coupon"), typed(bond, **ODD, note="Read twice."))
    assert answer.status_code == 422 and count(Measurement) == 0
    told = error(answer, "value")
    assert "No whole number of 13 people is a share of 0.44" in told
    assert "0.38 (5 of them)" in told and "0.46 (6)" in told
    assert error(answer, "is_estimate")
    kept = {name: soup(answer).select_one(f"[name={name}]")["value"] for name in ODD}
    assert kept == ODD and "Read twice." in answer.text
    assert browser.submit(answer).status_code == 422, "silence is no answer"
    assert browser.submit(answer, {"is_estimate": "y"}).status_code == 303
    assert [one.value for one in db.session.scalars(db.select(Measurement))] == ["0.44"]


@pytest.mark.parametrize(
    "value, people, near",
    [
        ("0.46", 13, ()),  # 6 of 13 is 0.4615
        ("0.461", 13, ("0.385 (5 of them)", "0.462 (6)")),  # as exact as it was typed
        ("0.5", 13, ()),  # 6 or 7: 0.46 and 0.54 are both 0.5
        ("0", 13, ()),
        ("1", 13, ()),
        ("0.99", 13, ("0.92 (12 of them)", "1 (13)")),
        ("0.01", 13, ("0 (0 of them)", "0.08 (1)")),
    ],
)
def test_only_a_share_that_cannot_be_is_asked(bond, browse, value, people, near):
    form = typed(bond, value=value, people=str(people), low="0", high="1")
    answer = browse(bond.provider).post_form(at(bond, "coupon"), form)
    assert answer.status_code == (422 if near else 303)
    for one in near:
        assert one in error(answer, "value")


def test_a_mended_share_needs_no_tick_and_what_is_no_share_is_never_asked(bond, browse):
    browser = browse(bond.provider)
    answer = browser.post_form(at(bond, "coupon"), typed(bond, **ODD))
    assert browser.submit(answer, {"value": "0.46"}).status_code == 303
    points = typed(bond, "points", people="13")
    assert browser.post_form(at(bond, "points"), points).status_code == 303, "12.5 points of 13 people"


def test_the_operation_and_a_file_ask_the_same(bond, browse):
    odd = facts(bond, value="0.44", basis=replace(facts(bond).basis, low="0.2", high="0.7", people=13))
    with pytest.raises(Refused) as refused:
        register_measurement(bond.programme, odd, actor=bond.provider, once=uuid.uuid4())
    assert [refused.value.field, *(one.field for one in refused.value.also)] == ["value", "is_estimate"]
    path = f"/programmes/{bond.programme.id}/measurements/upload"
    line = row(value="0.44", people="13").replace(",0.5,0.75,", ",0.2,0.7,")
    browser = browse(bond.assessor)
    for added, answers in (("", 422), ("no", 422), ("yes", 200)):
        content = f"{HEAD},is_estimate\n{line},{added}".encode()
        answer = browser.post_form(path, {"file": (io.BytesIO(content), "results.csv")})
        assert answer.status_code == answers
        assert ("0.46 (6)" in answer.text) == (answers == 422)
    made = register_measurement(bond.programme, replace(odd, is_estimate=True), actor=bond.provider, once=uuid.uuid4())
    assert made.value == "0.44"


def claim_form(effect, **changes):
    day = {"achieved_on": "2026-05-01", "evidence_on": "2026-05-01"}
    kinds = {"evidence_type": effect.evidence_type.value, "evidence_issuer": "employer"}
    return {"effect": str(effect.id), "quantity": "1", "evidence_digest": "ab" * 32} | day | kinds | changes


def test_an_unusual_issuer_is_asked_before_the_claim_is_recorded(app, browse):
    """A contract of employment from a municipality: it may be the employer."""
    bond = make_delivery()
    effect = bond.effect("work-13w")
    path, browser = f"/participants/{make_participant(bond).id}/claim", browse(bond.provider)
    assert not soup(browser.get_ok(path)).select("#other_issuer"), "asked of nobody else"
    answer = browser.post_form(path, claim_form(effect, evidence_issuer="municipality", note="Read twice."))
    assert answer.status_code == 422 and count(Claim) == 0
    assert "issued by: employer" in error(answer, "evidence_issuer") and error(answer, "other_issuer")
    assert soup(answer).select_one("#evidence_issuer option[selected]")["value"] == "municipality"
    assert "Read twice." in answer.text
    assert browser.submit(answer).status_code == 422, "silence is no answer"
    assert browser.submit(answer, {"other_issuer": "y"}).status_code == 303
    assert db.session.scalars(db.select(Claim)).unique().one().evidence_issuer == "municipality"


def test_who_made_the_statement_that_the_price_table_asks_is_no_question(app, browse):
    """"Statement of the school": of nobody else, whatever is ticked; the rule is named."""
    bond = make_every_kind()
    table = make_table(bond.programme, state=TableState.DRAFT, effects=0)
    effect = make_effect(table, "diploma", evidence_type=EvidenceType.SCHOOL)
    table.published_at, table.state, bond.agreement.table = clock.now(), TableState.PUBLISHED, table
    db.session.commit()
    person = make_participant(bond)
    path, browser = f"/participants/{person.id}/claim", browse(bond.provider)
    answer = browser.post_form(path, claim_form(effect))
    assert answer.status_code == 422 and count(Claim) == 0
    told = error(answer, "evidence_issuer")
    assert "Rule “issuer”" in told and "statement of the school" in told and "school or institute" in told
    assert not soup(answer).select("#other_issuer")
    day = date(2026, 5, 1)
    said = ClaimFacts(effect, day, EvidenceType.SCHOOL, "employer", day, "ab" * 32, other_issuer=True)
    with pytest.raises(Refused, match="Rule “issuer”"):
        register_claim(person, said, actor=bond.provider, once=uuid.uuid4())
    assert browser.submit(answer, {"evidence_issuer": "school"}).status_code == 303


def test_a_file_of_claims_asks_at_the_cell(app, browse):
    bond = make_delivery()
    person = make_participant(bond)
    head = "participant;effect;achieved_on;evidence_issuer;evidence_on;evidence_digest;other_issuer"
    path, browser = f"/programmes/{bond.programme.id}/claims/import", browse(bond.provider)
    for said, answers in (("", 422), ("no", 422), ("yes", 200)):
        line = f"{person.code};work-13w;2026-05-01;municipality;2026-05-01;{'ab' * 32};{said}"
        answer = browser.post_form(path, {"file": (io.BytesIO(f"{head}\n{line}".encode()), "claims.csv")})
        assert answer.status_code == answers
        cells = [cell.text.strip() for cell in soup(answer).select("main table")[0].select("tbody th")]
        assert cells == (["D2", "G2"] if answers == 422 else ["2"])


@pytest.mark.parametrize("kind", list(EvidenceType))
@pytest.mark.parametrize("issuer", list(IssuerClass))
def test_each_kind_of_evidence_with_each_issuer(app, kind, issuer):
    """Usual: nothing. Else asked or refused."""
    usual = issuer in ISSUED_BY[kind]
    for meant in (False, True):
        try:
            check_issuer(kind, issuer, meant)
        except Refused as refused:
            assert not usual and (kind in STATED_BY or not meant)
            assert bool(refused.also) == (kind not in STATED_BY)
        else:
            assert usual or (meant and kind not in STATED_BY)


def test_no_kind_of_evidence_is_without_a_rule_of_who_issues_it(app):
    """A kind that is not in the table would let anybody prove it; one that is priced has somebody who does. An extract
    from a public registry comes from a public body, not from an employer, landlord, school or bank."""
    assert set(ISSUED_BY) == set(EvidenceType)
    assert all(ISSUED_BY[kind] for kind in EvidenceType if kind not in UNPRICED)
    private = {
        IssuerClass.EMPLOYER,
        IssuerClass.LANDLORD,
        IssuerClass.SCHOOL,
        IssuerClass.DEBT_COUNSELLOR,
        IssuerClass.CREDITOR,
        IssuerClass.CARE,
        IssuerClass.RESEARCH,
    }
    assert not private & set(ISSUED_BY[EvidenceType.REGISTRY])
    for issuer in private:
        with pytest.raises(Refused, match="Rule “issuer”"):
            check_issuer(EvidenceType.REGISTRY, issuer, meant=True)
    assert check_issuer(EvidenceType.REGISTRY, IssuerClass.REGISTRY, meant=False) is None


def test_an_extract_from_a_registry_by_an_employer_is_refused_in_form_file_and_measurement(bond, browse):
    """Whatever is ticked; and one that was recorded before says on its page that it is read twice."""
    registry = make_every_kind()
    table = make_table(registry.programme, state=TableState.DRAFT, effects=0)
    effect = make_effect(table, "off-benefits", evidence_type=EvidenceType.REGISTRY)
    kind = {"kind": EffectKind.FEE, "deadweight_bp": 0, "max_per_person": None}
    fee = make_effect(table, "missing", evidence_type=EvidenceType.REGISTRY, **kind)
    table.published_at, table.state, registry.agreement.table = clock.now(), TableState.PUBLISHED, table
    db.session.commit()
    person, browser = make_participant(registry), browse(registry.provider)
    answer = browser.post_form(f"/participants/{person.id}/claim", claim_form(effect))
    assert answer.status_code == 422 and "issued by: public registry" in error(answer, "evidence_issuer")
    assert not soup(answer).select("#other_issuer"), "no tick lets it through"
    head = "participant;effect;achieved_on;evidence_issuer;evidence_on;evidence_digest;other_issuer"
    line = f"{person.code};off-benefits;2026-05-01;employer;2026-05-01;{'ab' * 32};yes"
    upload = {"file": (io.BytesIO(f"{head}\n{line}".encode()), "claims.csv")}
    answer = browser.post_form(f"/programmes/{registry.programme.id}/claims/import", upload)
    assert answer.status_code == 422 and "issued by: public registry" in answer.text
    assert count(Claim) == 0
    said = {"effect": fee, "payer": registry.enschede, "value": "", "basis": None, "quantity": 1}
    said |= {"evidence_type": EvidenceType.REGISTRY, "evidence_issuer": "employer", "other_issuer": True}
    with pytest.raises(Refused, match="Rule “issuer”"):
        register_measurement(
            registry.programme, replace(facts(bond), **said), actor=registry.provider, once=uuid.uuid4()
        )
    registry.table = table
    old = make_claim(registry, person, "off-benefits", evidence_issuer="employer")
    assert "odd_issuer" in signs_of(old, registry.programme)
    told = "the kind of evidence names another issuer"
    for issuer, warned in (("employer", True), ("court", False)):
        measured = make_measurement(registry, "missing", evidence_issuer=issuer, quantity=1)
        assert (told in browse(registry.assessor).get_ok(f"/measurements/{measured.id}").text) == warned


def test_a_file_of_results_names_every_cell_at_once(bond, browse):
    """An unknown municipality hides neither a reversed interval nor a fingerprint that is none."""
    line = row(city="Gemeente Zwolle").replace(",0.75,", ",0.1,").replace("ab" * 32, "cd")
    path = f"/programmes/{bond.programme.id}/measurements/upload"
    answer = browse(bond.assessor).post_form(path, {"file": (io.BytesIO(f"{HEAD}\n{line}".encode()), "results.csv")})
    assert answer.status_code == 422
    assert "Rule “interval”" in answer.text and "Give the SHA-256" in answer.text
    assert len(soup(answer).select_one("main table").select("tbody tr")) >= 3
