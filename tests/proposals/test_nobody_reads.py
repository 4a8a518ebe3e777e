"""Before the deadline nobody outside the consortium gets a word of a plan: every page, asked as every persona.

The consortium's own people get it on the one page that asks their passphrase, and there only with it.
"""

import uuid

import pytest

from app.calls.models import Duty
from app.extensions import db
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.proposals.states import ProposalState
from tests.conftest import browser_of
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.keys import passphrase_of
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party
from tests.factories.proposals import SECRET_WORDS, make_proposal

NOT_ASKED = ("static", "security.")


@pytest.fixture
def proposal(app):
    call = make_call()
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_proposal(make_consortium(call, lead, partners=[partner]), state=ProposalState.SUBMITTED)


def personas(proposal):
    call = proposal.call
    rival = make_consortium(call, make_provider("Rival"), name="Rival")
    parts = {part.value: make_user(make_party(call.programme, part)) for part in Part if part != Part.GOVERNMENT}
    return parts | {
        "nobody": None,
        "administrator": make_user(is_admin=True),
        "lead official": make_user(call.programme.lead),
        "official who opens": call.on_committee(Duty.OPENER)[0].user,
        "scorer": call.on_committee(Duty.SCORER)[0].user,
        "rival": make_user(rival.lead),
        "stranger": make_user(make_organisation(OrganisationKind.MUNICIPALITY)),
        "own lead": proposal.consortium.lead.people()[0],
        "own partner": proposal.consortium.partners[1].organisation.people()[0],
    }


def addresses(app, proposal):
    """Every address that can be read, for each thing of this call that it may be about."""
    call, consortium = proposal.call, proposal.consortium
    things = {
        "Proposal": proposal.id,
        "Consortium": consortium.id,
        "Call": call.id,
        "Programme": call.programme_id,
        "PriceTable": call.table_id,
        "Organisation": consortium.lead_id,
    }
    others = {"code": "en", "token": "no", "user": uuid.UUID(int=0), "other": uuid.UUID(int=0), "key": "approach"}
    others |= {"book": "journal", "format": "csv"}
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint.startswith(NOT_ASKED):
            continue
        model = getattr(app.view_functions[rule.endpoint], "declared_model", None)
        values = {name: others.get(name, "x") for name in rule.arguments}
        if "id" in rule.arguments:
            if model is None or model.__name__ not in things:
                continue  # of other things there is none here
            values["id"] = things[model.__name__]
        yield app.url_map.bind("localhost").build(rule.endpoint, values)


def test_no_page_shows_a_word_to_anybody(app, proposal):
    seen = {}
    for name, person in personas(proposal).items():
        for address in addresses(app, proposal):
            answer = browser_of(app, person, app.test_client_class.__mro__[1]).get(address)
            if SECRET_WORDS.encode() in answer.data or passphrase_of(proposal).encode() in answer.data:
                seen.setdefault(name, []).append(address)
            db.session.rollback()
    assert seen == {}


def test_only_the_consortium_reads_and_only_with_its_passphrase(app, proposal):
    url, words = f"/proposals/{proposal.id}/read", passphrase_of(proposal)
    for name, person in personas(proposal).items():
        browser = browser_of(app, person)
        page = browser.get(url)
        if name.startswith("own"):
            assert SECRET_WORDS in browser.submit(page, {"passphrase": words}).text, name
            assert SECRET_WORDS not in browser.submit(page, {"passphrase": passphrase_of(person)}).text, name
        else:
            assert page.status_code == (303 if person is None else 404), name
