"""A participant gets a code, within the agreed places, after agreement and DPIA (domain, sections 3 and 9)."""

import uuid
from datetime import date, timedelta

import pytest

from app.agreements.states import AgreementState
from app.core.errors import NotNow, NotYours, Refused
from app.extensions import db
from app.intake.models import AgeBand, ExitReason, Participant
from app.intake.operations import exit_participant, register_participant
from app.intake.states import ParticipantState
from app.programmes.pseudonym import is_code
from tests.browser import soup
from tests.factories.outcomes import START, make_delivery, make_participant
from tests.told import recorded, told, words_told

TODAY = date(2026, 11, 15)


@pytest.fixture
def bond(app):
    return make_delivery()


LATE = "The paper form came late."


@pytest.fixture
def path(bond):
    return f"/programmes/{bond.programme.id}/participants/register"


def typed(bond, **changes):
    facts = {"municipality": str(bond.hengelo.id), "age_band": "18-20", "started_on": "2026-02-01"}
    facts |= {"informed_on": "2025-12-31", "late_reason": LATE}
    return facts | changes


def test_the_provider_registers(bond, path, browse):
    browser = browse(bond.provider)
    answer = browser.post_form(path, typed(bond))

    made = db.session.scalars(db.select(Participant)).one()
    assert is_code(made.code)
    assert (made.payer, made.provider) == (bond.hengelo, bond.provider.organisations[0])
    assert (made.age_band, made.started_on) == (AgeBand.FROM_18, date(2026, 2, 1))
    assert made.code in browser.follow(answer).text
    assert told("participant.register") == {bond.neighbour.email}
    assert made.code not in words_told("participant.register")
    assert recorded("participant.register") == [{"municipality": "Hengelo"}]


def test_a_double_click_is_one_participant(bond):
    once = uuid.uuid4()
    for _ in range(2):
        register_participant(
            bond.programme, bond.enschede, AgeBand.FROM_18, START, late_reason=LATE, actor=bond.provider, once=once
        )
    assert db.session.query(Participant).count() == 1


@pytest.mark.parametrize(
    "day, words",
    [
        ("2026-11-16", "future"),
        ("2025-12-31", "between"),
        ("2026-02-30", "date that exists"),
        ("", "Fill this in"),
    ],
)
def test_a_start_outside_the_period_is_refused_on_the_field(bond, path, browse, day, words):
    answer = browse(bond.provider).post_form(path, typed(bond, started_on=day))
    assert answer.status_code == 422
    error = soup(answer).select_one("#started_on-error")
    assert error is not None
    assert words in error.text
    assert soup(answer).select_one(f'option[value="{bond.hengelo.id}"][selected]'), "what was chosen is kept"
    assert db.session.query(Participant).count() == 0


@pytest.mark.parametrize(
    "ages, band, allowed",
    [
        ((16, 23), "24+", False),
        ((16, 24), "24+", True),
        ((18, 23), "16-17", False),
        ((17, 23), "16-17", True),  # part of the band
        ((16, 20), "18-20", True),
        ((16, 20), "21-23", False),
        ((25, 40), "24+", True),
    ],
)
def test_only_ages_of_the_cohort_take_a_place(bond, path, browse, ages, band, allowed):
    """A band counts when somebody in it may be of the cohort."""
    bond.programme.age_from, bond.programme.age_to = ages
    db.session.commit()
    browser = browse(bond.provider)
    form = browser.get_ok(path)
    assert bool(soup(form).select_one(f'#age_band option[value="{band}"]')) == allowed
    answer = browser.submit(form, typed(bond, age_band=band), forged=not allowed)
    assert answer.status_code == (303 if allowed else 422)
    assert db.session.query(Participant).count() == allowed
    if not allowed:
        assert soup(answer).select_one("#age_band-error"), "said where it was chosen"


def test_the_places_of_a_municipality_are_not_exceeded(bond):
    """25 of the 70 live in Hengelo."""
    for _ in range(25):
        register_participant(
            bond.programme,
            bond.hengelo,
            AgeBand.FROM_18,
            START,
            late_reason=LATE,
            actor=bond.provider,
            once=uuid.uuid4(),
        )
    with pytest.raises(Refused) as refused:
        register_participant(
            bond.programme,
            bond.hengelo,
            AgeBand.FROM_18,
            START,
            late_reason=LATE,
            actor=bond.provider,
            once=uuid.uuid4(),
        )
    assert refused.value.field == "municipality"
    register_participant(
        bond.programme, bond.enschede, AgeBand.FROM_18, START, late_reason=LATE, actor=bond.provider, once=uuid.uuid4()
    )


def test_a_municipality_without_a_share_pays_for_nobody(bond):
    from tests.factories.people import make_organisation

    stranger = make_organisation()
    with pytest.raises(Refused):
        register_participant(
            bond.programme, stranger, AgeBand.FROM_18, START, late_reason=LATE, actor=bond.provider, once=uuid.uuid4()
        )


@pytest.mark.parametrize("gate", ["agreement", "reference", "date"])
def test_intake_waits_for_agreement_and_dpia(bond, path, browse, gate):
    if gate == "agreement":
        bond.agreement.state = AgreementState.OFFERED
    elif gate == "reference":
        bond.programme.dpia_reference = ""
    else:
        bond.programme.dpia_on = None
    db.session.commit()
    assert browse(bond.provider).get(path).status_code == 409
    with pytest.raises(NotNow):
        register_participant(
            bond.programme,
            bond.hengelo,
            AgeBand.FROM_18,
            START,
            late_reason=LATE,
            actor=bond.provider,
            once=uuid.uuid4(),
        )
    assert db.session.query(Participant).count() == 0


@pytest.mark.parametrize("who", ["assessor", "official", "intermediary", "investor", "auditor"])
def test_only_the_provider_registers(bond, path, browse, who):
    assert browse(getattr(bond, who)).get(path).status_code == 403
    with pytest.raises(NotYours):
        register_participant(
            bond.programme,
            bond.hengelo,
            AgeBand.FROM_18,
            START,
            late_reason=LATE,
            actor=getattr(bond, who),
            once=uuid.uuid4(),
        )


def test_a_participant_leaves(bond, browse):
    participant = make_participant(bond)
    browser = browse(bond.provider)
    answer = browser.post_form(
        f"/participants/{participant.id}/exit", {"exited_on": "2026-06-01", "reason": "completed"}
    )
    assert answer.status_code == 303
    db.session.refresh(participant)
    assert (participant.state, participant.exit_reason) == (ParticipantState.EXITED, ExitReason.COMPLETED)
    assert told("participant.exit") == {bond.official.email}
    assert browser.get(f"/participants/{participant.id}/exit").status_code == 409


@pytest.mark.parametrize(
    "field, value",
    [
        ("municipality", ""),
        ("municipality", str(uuid.UUID(int=1))),
        ("age_band", ""),
        ("age_band", "17"),
        ("started_on", "yesterday"),
        ("started_on", "12026-02-01"),
    ],
)
def test_a_missing_foreign_or_impossible_value_is_refused_on_its_field(bond, path, browse, field, value):
    answer = browse(bond.provider).post_form(path, typed(bond, **{field: value}), forged=True)
    assert answer.status_code == 422
    assert [error["id"] for error in soup(answer).select("main .field__error")] == [f"{field}-error"]
    assert db.session.query(Participant).count() == 0


@pytest.mark.parametrize(
    "field, value", [("exited_on", "2025-12-31"), ("exited_on", "2026-11-16"), ("exited_on", ""), ("reason", "")]
)
def test_an_impossible_exit_is_refused_on_its_field(bond, browse, field, value):
    participant = make_participant(bond)
    form = {"exited_on": "2026-06-01", "reason": "completed"} | {field: value}
    answer = browse(bond.provider).post_form(f"/participants/{participant.id}/exit", form)
    assert answer.status_code == 422
    assert [error["id"] for error in soup(answer).select("main .field__error")] == [f"{field}-error"]
    db.session.refresh(participant)
    assert participant.state == ParticipantState.ACTIVE


@pytest.mark.parametrize("day", [START - timedelta(days=1), TODAY + timedelta(days=1)])
def test_nobody_leaves_before_the_start_or_in_the_future(bond, day):
    participant = make_participant(bond)
    with pytest.raises(Refused) as refused:
        exit_participant(participant, day, ExitReason.MOVED, actor=bond.provider)
    assert refused.value.field == "exited_on"
    assert participant.state == ParticipantState.ACTIVE


def test_reading_a_person_is_logged_once_a_day(bond, browse):
    participant = make_participant(bond)
    for person in (bond.provider, bond.official):
        for _ in range(2):
            browse(person).get_ok(f"/participants/{participant.id}")
            browse(person).get_ok(f"/programmes/{bond.programme.id}/participants")
    assert len(recorded("participant.read")) == 4  # two readers: the person, and the list
    browse(bond.investor).get(f"/participants/{participant.id}")
    assert len(recorded("participant.read")) == 4
