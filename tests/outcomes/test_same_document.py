"""One document under several claims is seen while a claim is entered, and said why; the assessor reads it.

Rule: domain, section 9: an effect is paid once. A version that looks past other people, other bonds of the provider or
rows of the same file, that tells of another provider's claims, or takes silence for an answer breaks one of these.
"""

import io
import re
import uuid
from datetime import date

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.outcomes.models import Claim
from app.outcomes.operations import register_claim
from app.outcomes.rules import ClaimFacts
from app.outcomes.states import ClaimState
from app.pricing.models import EvidenceType
from app.programmes.models import Part
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_participant
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.told import recorded

DIGEST, WHY = "ab" * 32, "One letter proves two effects."
ACHIEVED = date(2026, 5, 1)


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def first(bond):
    return make_claim(bond, make_participant(bond), evidence_digest=DIGEST)


def typed(bond, **changes):
    form = {
        "effect": str(bond.effect("work-13w").id),
        "achieved_on": "2026-05-01",
        "quantity": "1",
        "evidence_type": "employer",
        "evidence_issuer": "employer",
        "evidence_on": "2026-05-02",
        "evidence_digest": DIGEST,
    }
    return form | changes


def claimed(bond, actor=None, person=None, **said):
    facts = ClaimFacts(bond.effect("work-13w"), ACHIEVED, EvidenceType.EMPLOYER, "employer", ACHIEVED, DIGEST, **said)
    person = person or make_participant(bond, started_on=date(2026, 2, 1))
    return register_claim(person, facts, actor=actor or bond.provider, once=uuid.uuid4())


def test_the_form_names_the_other_claim_and_asks_why(bond, first, browse):
    person = make_participant(bond, started_on=date(2026, 2, 1))
    browser, path = browse(bond.provider), f"/participants/{person.id}/claim"
    assert soup(browser.get_ok(path)).select_one("#same_document_because") is None, "asked of nobody else"
    answer = browser.post_form(path, typed(bond))
    assert answer.status_code == 422
    told = soup(answer).select_one("#same_document_because-error").text
    assert first.number in told and first.participant.code in told
    assert browser.submit(answer, {"same_document_because": "  "}).status_code == 422, "silence is no answer"
    assert browser.submit(answer, {"same_document_because": WHY}).status_code == 303
    made = db.session.scalars(db.select(Claim).where(Claim.id != first.id)).unique().one()
    assert made.same_document_because == WHY
    assert WHY not in str(recorded("claim.register"))
    assert WHY in browser.get_ok(f"/claims/{made.id}").text


def test_the_assessor_reads_why_where_it_judges(bond, first, browse):
    made = claimed(bond, same_document_because=WHY)
    made.state = ClaimState.SUBMITTED
    made.submitted_at = first.submitted_at
    db.session.commit()
    page = browse(bond.assessor).get_ok(f"/claims/{made.id}/judge").text
    assert WHY in page and first.number in page


@pytest.mark.parametrize("state", [one for one in ClaimState if one != ClaimState.WITHDRAWN])
def test_a_claim_in_any_state_counts(bond, first, state):
    first.state = state
    db.session.commit()
    with pytest.raises(Refused) as refused:
        claimed(bond)
    assert refused.value.field == "same_document_because"


def test_what_was_taken_back_does_not(bond, first):
    first.state = ClaimState.WITHDRAWN
    db.session.commit()
    assert claimed(bond, same_document_because=WHY).same_document_because is None, "nothing was to be said"


def test_another_bond_of_the_same_provider_counts(bond, first):
    other = make_delivery()
    make_party(other.programme, Part.PROVIDER, bond.provider.organisations[0])
    person = make_participant(other, started_on=date(2026, 2, 1))
    person.provider = bond.provider.organisations[0]
    db.session.commit()
    with pytest.raises(Refused) as refused:
        claimed(other, bond.provider, person)
    assert first.number in str(refused.value.message)


def test_of_another_provider_not_even_that_there_is_one(bond, first, browse):
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    person = make_participant(bond, started_on=date(2026, 2, 1))
    person.provider = partner.organisations[0]
    db.session.commit()
    answer = browse(partner).post_form(f"/participants/{person.id}/claim", typed(bond))
    assert answer.status_code == 303


def test_a_file_is_not_imported_until_it_says_why(bond, first, browse):
    """The dry run names the claim, and the row of the same file that has the document too."""
    people = [make_participant(bond, started_on=date(2026, 2, 1)) for _ in range(2)]
    head = "participant;effect;achieved_on;evidence_issuer;evidence_on;evidence_digest;same_document_because"
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"

    def cells(answer):
        """Whole words of the main part: a code or a token may hold any two signs."""
        return set(re.findall(r"\bG[23]\b", soup(answer).select_one("main").get_text(" ")))

    def check(digest, *because):
        rows = [
            f"{p.code};work-13w;2026-05-01;employer;2026-05-01;{digest};{w}"
            for p, w in zip(people, because, strict=True)
        ]
        return browser.post_form(path, {"file": (io.BytesIO("\n".join([head, *rows]).encode()), "file.csv")})

    answer = check(DIGEST, "", "")
    assert answer.status_code == 422
    assert first.number in answer.text and cells(answer) == {"G2", "G3"}
    answer = check("cd" * 32, "", "")
    assert answer.status_code == 422
    assert cells(answer) == {"G3"}
    said = next(row.get_text() for row in soup(answer).select("main table tbody tr") if "G3" in row.get_text())
    assert "claim already: row 2 of this file (" in said, "the claim of that row is not there: it has no number"
    answer = check(DIGEST, WHY, "")
    said = next(row.get_text() for row in soup(answer).select("main table tbody tr") if "G3" in row.get_text())
    assert first.number in said and "row 2 of this file" in said, "one is there, the other is not"
    checked = check("cd" * 32, "", WHY)
    assert checked.status_code == 200
    assert browser.submit(checked).status_code == 303
    found = db.session.scalars(db.select(Claim.same_document_because).where(Claim.id != first.id)).all()
    assert sorted(found, key=str) == [None, WHY]
