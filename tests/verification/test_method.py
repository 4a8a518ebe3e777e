"""How a batch was verified, for every reader: what the assessor says to all, and what the portal knows itself. Issue 5:
a statement says what was verified and how; the domain, section 9: no number of 1 to 4, nobody's name."""

import uuid

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.intake.recusals import Recusal
from app.outcomes.models import Batch
from app.outcomes.states import ClaimState
from app.pricing.models import EvidenceType
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_states import Edition
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_participant

WORDS = "Of the 3 in Hengelo 1 was not proven."
METHOD = "Each contract was laid beside the rule of its effect; in doubt the issuer was telephoned."


@pytest.fixture
def bond(app):
    bond = make_delivery()
    for payer in (bond.enschede, bond.hengelo):
        make_claim(bond, make_participant(bond, payer), state=ClaimState.VERIFIED, evidence_type=EvidenceType.EMPLOYER)
    return bond


def said(batch, which, payer=None):
    document = document_of(verified_in(batch, None), which, payer, "CODE")
    parts = [one for one in document.sections if one.title == "How it was verified"]
    return "\n".join([*parts[0].paragraphs, *(" ".join(fact) for fact in parts[0].facts)])


def test_every_edition_and_every_reader_is_told_how(bond, browse):
    batch = sign_off(bond.programme, WORDS, method=METHOD, actor=bond.assessor)
    for which, payer in ((Edition.FULL, None), (Edition.PLAIN, None), (Edition.OWN, bond.hengelo)):
        told = said(batch, which, payer)
        assert METHOD in told and "Assessors that judge each claim one" in told
        assert ("Of the 3" in told) is (which == Edition.FULL)
    for person in ("assessor", "provider", "official", "neighbour", "auditor", "intermediary"):
        assert METHOD in browse(getattr(bond, person)).get_ok(f"/batches/{batch.id}").text, person


def test_which_kinds_were_judged_is_for_who_reads_the_claims(bond):
    """That a kind occurs at all may be a small number: the others read what the price table asks for, all of it."""
    batch = sign_off(bond.programme, WORDS, method=METHOD, actor=bond.assessor)
    full, plain = said(batch, Edition.FULL), said(batch, Edition.PLAIN)
    assert f"Kinds of evidence that were judged {EvidenceType.EMPLOYER.label}" in full
    assert "were judged" not in plain
    asked = plain.partition("Kinds of evidence that the price table asks for")[2].partition("\n")[0]
    made = make_delivery()
    make_claim(made, state=ClaimState.VERIFIED, evidence_type=EvidenceType.SCHOOL)
    other = said(sign_off(made.programme, WORDS, actor=made.assessor), Edition.PLAIN)
    assert asked and asked in other, "the same table, other evidence: the same words"


def test_a_declared_conflict_is_told_without_whose_or_how_many(bond):
    person = make_participant(bond, bond.hengelo)
    assert "Conflicts of interest none" in said(sign_off(bond.programme, WORDS, actor=bond.assessor), Edition.PLAIN)
    db.session.add(Recusal(participant_id=person.id, user_id=bond.assessor.id))
    db.session.commit()
    make_claim(bond, state=ClaimState.VERIFIED)
    told = said(sign_off(bond.programme, WORDS, actor=bond.assessor), Edition.PLAIN)
    assert "Conflicts of interest declared in this bond" in told
    assert bond.assessor.name not in told and person.code not in told


NOBODY = ["Read 3 of them.", "Read ٣ of them.", "Twee zijn afgewezen.", "Only three stood.", "Mevrouw Jansen belde.",
          "Dhr. van den Berg las mee.", "With A.B. de Vries."]  # fmt: skip


@pytest.mark.parametrize("typed", NOBODY)
def test_no_number_and_no_name_stand_where_everybody_reads(bond, typed):
    with pytest.raises(Refused) as refused:
        sign_off(bond.programme, WORDS, method=typed, actor=bond.assessor)
    assert refused.value.field == "method" and db.session.query(Batch).count() == 0


def test_the_name_of_whoever_has_an_account_is_known(bond):
    with pytest.raises(Refused, match="name of a person"):
        sign_off(bond.programme, WORDS, method=f"Ook {bond.official.name.upper()} las mee.", actor=bond.assessor)


def test_words_that_only_look_like_it_pass(bond):
    method = "Elk stuk één voor één, met in acht genomen termijn, bij Dienst Uitvoering Onderwijs en Kadaster."
    assert sign_off(bond.programme, WORDS, method=method, actor=bond.assessor, once=uuid.uuid4()).method == method


def test_what_was_typed_stays_and_the_fault_stands_beside_it(bond, browse):
    typed = {"method": "Read 27 contracts.", "statement": WORDS, "password": "x"}
    answer = browse(bond.assessor).post_form(f"/programmes/{bond.programme.id}/sign-off", typed)
    assert answer.status_code == 422 and db.session.query(Batch).count() == 0
    assert "number stands here" in soup(answer).select_one("#method-error").text
    assert "Read 27 contracts." in soup(answer).select_one("#method").text
