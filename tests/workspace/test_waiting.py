"""What waits for a person: what that very person may do now, nothing else; each entry leads to a page that opens."""

from datetime import timedelta

import pytest

from app.agreements.authority_models import SignedKind
from app.agreements.states import AgreementState
from app.calls.operations import cancel_call
from app.calls.states import CallState
from app.capital.models import Round
from app.capital.states import RoundState
from app.core import clock
from app.extensions import db
from app.outcomes.states import ClaimState
from app.people.models import OrganisationKind
from app.pricing.operations import submit_table
from app.pricing.states import TableState
from app.programmes.models import Part
from app.programmes.operations import submit_programme
from app.programmes.states import Phase, ProgrammeState, Route
from tests.agreements.test_authority import allow, colleague_of
from tests.browser import soup
from tests.factories.agreements import draft as draft_agreement
from tests.factories.agreements import make_bond, offer
from tests.factories.amendments import make_signed, propose
from tests.factories.calls import make_call
from tests.factories.outcomes import make_claim, make_delivery, make_participant
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_party, make_programme
from tests.workspace.delivery import in_delivery


def test_nothing_waits_for_who_has_no_part(app, waiting):
    make_delivery()
    for user in (make_user(), make_user(make_organisation(OrganisationKind.INVESTOR)), make_user(is_admin=True)):
        assert waiting(user) == {}


def test_a_programme_waits_for_the_second_official_only(app, waiting):
    city = make_organisation()
    first, second = make_user(city), make_user(city)
    programme = make_programme(city, state=ProgrammeState.DRAFT)
    assert waiting(first) == {"programme.submit": None}
    submit_programme(programme, actor=first)
    assert waiting(first) == {}
    assert waiting(second) == {"programme.approve": None}
    assert waiting(make_user(make_party(programme, Part.GOVERNMENT))) == {}  # not the leading one


def test_a_price_table_waits_for_the_second_official_only(app, waiting):
    programme = make_programme()
    first, second = make_user(programme.lead), make_user(programme.lead)
    assert waiting(first) == {"table.draft": None}
    table = make_table(programme, state=TableState.DRAFT)
    assert waiting(first) == {"table.submit": None}
    submit_table(table, actor=first)
    assert waiting(first) == {}
    assert waiting(second) == {"table.approve": None}
    table.state = TableState.APPROVED
    db.session.commit()
    assert waiting(first) == {"table.publish": None}


def make_open_round(programme, **facts):
    defaults = {
        "target_minor": 100,
        "minimum_minor": 50,
        "closes_on": clock.today() + timedelta(days=9),
        "state": RoundState.OPEN,
    }
    made = Round(programme=programme, term_sheet="Terms.", **(defaults | facts))
    db.session.add(made)
    db.session.commit()
    return made


def test_a_round_waits_to_be_drafted_then_committed_to_then_closed(app, waiting):
    programme = make_programme(phase=Phase.INVESTORS)
    make_table(programme)
    desk = make_user(make_party(programme, Part.INTERMEDIARY))
    investor = make_user(make_party(programme, Part.INVESTOR))
    assert waiting(desk) == {"round.draft": None}
    assert waiting(investor) == {}
    opened = make_open_round(programme)
    assert waiting(desk) == {}
    assert waiting(investor) == {"commitment.commit": None}
    opened.closes_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert waiting(desk) == {"round.close": None}
    assert waiting(investor) == {}


def test_a_call_waits_after_the_investors_stand(app, waiting):
    programme = make_programme()
    table = make_table(programme)
    official = make_user(programme.lead)
    make_open_round(programme, state=RoundState.STANDING)
    assert waiting(official) == {"call.draft": None}
    make_call(programme, table=table, state=CallState.DRAFT, committee=False)
    assert waiting(official) == {"call.publish": None}


def test_after_a_cancelled_call_the_next_one_waits_whether_the_investors_stand_or_not(app, waiting):
    call = make_call(committee=False)
    official = make_user(call.programme.lead)
    assert "call.draft" not in waiting(official)
    cancel_call(call, "No plan could be made for it.", actor=official)
    assert waiting(official) == {"call.draft": None}
    assert waiting(make_user(make_party(call.programme, Part.GOVERNMENT))) == {}  # not the leading one
    make_call(call.programme, table=call.table, committee=False)
    assert "call.draft" not in waiting(official)


def test_naming_waits_from_the_moment_that_it_is_possible(app, waiting):
    """The price comes first, the investors need not: as the room of the providers says."""
    programme = make_programme(route=Route.NO_TENDER, route_reason="One guardian.", phase=Phase.PRICES)
    make_table(programme)
    official = make_user(programme.lead)
    assert "direct.name" not in waiting(official)
    programme.phase = Phase.INVESTORS
    db.session.commit()
    assert waiting(official) == {"direct.name": None, "round.draft": None}


def test_an_agreement_waits_to_be_drafted_offered_and_signed_by_each(app, waiting):
    bond = make_bond()
    assert waiting(bond.intermediary) == {"agreement.draft": None}
    assert waiting(bond.provider) == {}
    agreement = draft_agreement(bond)
    assert waiting(bond.intermediary) == {"agreement.offer": None}
    offer(bond)
    for user in (bond.official, bond.investors[0], bond.provider, bond.assessor):
        assert waiting(user) == {"agreement.sign": None}
    assert waiting(bond.auditor) == {}
    assert agreement.state == AgreementState.OFFERED


def test_claims_wait_by_state(app, waiting):
    bond = in_delivery()
    participant = make_participant(bond)
    states = (ClaimState.REGISTERED, ClaimState.QUESTIONED, ClaimState.SUBMITTED, ClaimState.VERIFIED)
    for state in (*states, ClaimState.SIGNED_OFF, ClaimState.SETTLED):
        make_claim(bond, participant, state=state)
    assert waiting(bond.provider) == {"claim.submit": 1, "claim.answer": 1}
    assert waiting(bond.assessor) == {"claim.verify": 1, "batch.sign_off": 1}
    assert waiting(bond.intermediary) == {"settlement.prepare": 1}
    assert waiting(bond.investor) == {} and waiting(bond.auditor) == {}


def test_an_organisation_waits_for_any_official_once_its_address_is_verified(app, waiting):
    provider = make_organisation(OrganisationKind.PROVIDER, vetted_at=None)
    member = make_user(provider, confirmed_at=None)
    official = make_user(make_organisation())
    assert waiting(official) == {}
    member.confirmed_at = clock.now()
    db.session.commit()
    assert waiting(official) == {"organisation.vet": None}
    assert waiting(member) == {}


def test_many_organisations_to_vet_are_one_line_that_leads_to_the_list(app, browse):
    official = make_user(make_organisation())
    for number in range(10):
        make_user(make_organisation(OrganisationKind.PROVIDER, name=f"Newcomer {number}", vetted_at=None))
    page = soup(browse(official).get_ok("/home"))
    (line,) = page.select_one(".tasks").select("li")  # suggestions follow in a list of their own
    assert line.a.text == "Organisations to vet (10)" and line.a["href"] == "/organisations"
    assert "Newcomer 3" in browse(official).get_ok(line.a["href"]).text


@pytest.mark.parametrize(
    ("state", "role"),
    [(ClaimState.REGISTERED, "provider"), (ClaimState.QUESTIONED, "provider"), (ClaimState.SUBMITTED, "assessor")],
)
def test_the_list_of_claims_opens_on_those_that_wait(app, browse, state, role):
    bond = in_delivery()
    participant = make_participant(bond)
    waiting = make_claim(bond, participant, state=state)
    settled = make_claim(bond, participant, state=ClaimState.SETTLED)
    user = getattr(bond, role)
    url = soup(browse(user).get_ok("/home")).select_one(".tasks a")["href"]
    assert url.endswith("/work-list" if role == "assessor" else f"?state={state.value}")
    listed = browse(user).get_ok(url).text
    assert str(waiting.id) in listed and str(settled.id) not in listed


def test_a_change_waits_only_for_who_may_sign_it(app, waiting):
    """ "Is not among" those who sign is no task: with a mandate for agreements only, or outside its period, nothing
    waits; without any record everybody of the organisation signs. The end of an agreement is a mandate of its own."""
    bond, agreement = make_signed()
    kind = "amendment.consent"
    propose(bond, agreement)
    assert kind in waiting(bond.provider)
    second = colleague_of(bond.provider)
    allow(second, SignedKind.AGREEMENT, manager=bond.provider)
    assert kind in waiting(bond.provider), "a mandate for agreements says nothing of changes"
    allow(second, SignedKind.AMENDMENT, manager=bond.provider)
    assert kind in waiting(second) and kind not in waiting(bond.provider)
    allow(bond.provider, SignedKind.END)
    assert kind not in waiting(bond.provider)
    with clock.at(clock.now() - timedelta(days=2)):
        assert kind not in waiting(second), "not before its first day"
