"""The plan is for its consortium: to everybody else none of its addresses exists, and no byte of it can be read."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.consortia.states import PartnerState
from app.core import clock
from app.extensions import db
from app.people.models import OrganisationKind
from app.programmes.models import Part
from app.proposals.states import ProposalState
from tests.browser import soup
from tests.factories.calls import make_provider
from tests.factories.consortia import add_partner, make_consortium, make_part
from tests.factories.keys import passphrase_of
from tests.factories.people import make_organisation, make_user
from tests.factories.programmes import make_party
from tests.factories.proposals import SECRET_WORDS, make_plan, make_proposal
from tests.statements import counted


@pytest.fixture
def proposal(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_proposal(make_consortium(lead=lead, partners=[partner]), state=ProposalState.SUBMITTED)


def outsiders(proposal):
    """Everybody who might like to look."""
    call = proposal.call
    for member in call.committee:
        yield member.duty.value, member.user
    yield "government", make_user(call.programme.lead)
    for part in Part:
        if part != Part.GOVERNMENT:
            yield part.value, make_user(make_party(call.programme, part))
    yield "administrator", make_user(make_organisation(OrganisationKind.PORTAL), is_admin=True)
    rival = make_provider("Rival")
    make_proposal(make_consortium(call, rival, name="Rivals"), confirmed=False)
    yield "rival", make_user(rival)
    for state in (PartnerState.LEFT, PartnerState.DECLINED):
        gone = make_provider(f"Gone {state}")
        add_partner(proposal.consortium, gone, state)
        yield state.value, make_user(gone)


def addresses(proposal):
    consortium = proposal.consortium_id
    yield from (f"/proposals/{proposal.id}{end}" for end in ("", "/confirm", "/submit", "/withdraw"))
    yield from (f"/consortia/{consortium}{end}" for end in ("", "/proposal", "/plan", "/invite", "/accept", "/decline"))
    yield from (f"/consortia/{consortium}{end}" for end in ("/leave", "/proposal/approach", "/proposal/volumes"))
    yield f"/consortia/{consortium}/proposal/approach/file"


@pytest.mark.parametrize("when", ["before", "after"])
def test_no_address_exists_for_anybody_outside(proposal, browse, when):
    moment = proposal.call.deadline + timedelta(hours=1 if when == "after" else -1)
    for who, user in outsiders(proposal):
        reader = browse(user)
        for address in addresses(proposal):
            with clock.at(moment):
                assert reader.get(address).status_code == 404, (who, address)
                answer = reader.post(address)
                assert answer.status_code in (400, 404, 405), (who, address)
                assert SECRET_WORDS not in answer.text


def test_nobody_outside_says_to_be_writing(proposal, browse):
    for who, user in outsiders(proposal):
        answer = browse(user).post(f"/consortia/{proposal.consortium_id}/proposal/approach/writing")
        assert answer.status_code in (400, 404), who


def test_a_forged_post_of_a_rival_finds_nothing(app, proposal, browse, monkeypatch):
    """Also without the check of the form's token, the thing itself is out of sight."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    rival = browse(make_user(make_provider()))
    for address in addresses(proposal):
        assert rival.post(address).status_code in (404, 405), address


def test_an_invited_organisation_does_not_read_the_plan_before_it_joins(proposal, browse):
    invited = make_provider("Invited")
    add_partner(proposal.consortium, invited)
    reader = browse(make_user(invited))
    reader.get_ok(f"/consortia/{proposal.consortium_id}")
    assert reader.get(f"/proposals/{proposal.id}").status_code == 404
    assert reader.get(f"/consortia/{proposal.consortium_id}/proposal").status_code == 403


def test_without_signing_in_nobody_learns_what_exists(proposal, browse):
    for address in addresses(proposal):
        assert browse().get(address).status_code == 303
        assert browse().get(address.replace(str(proposal.id), str(proposal.call_id))).status_code == 303


def test_both_partners_read_their_copy_before_and_after_opening(proposal, browse):
    words = {"passphrase": passphrase_of(proposal)}
    for state in (ProposalState.SUBMITTED, ProposalState.OPENED):
        proposal.state = state
        db.session.commit()
        for partner in proposal.consortium.taking_part:
            reader = browse(partner.organisation.people()[0])
            assert SECRET_WORDS in reader.post_form(f"/proposals/{proposal.id}/read", words).text
            page = reader.get_ok(f"/proposals/{proposal.id}")
            assert proposal.digest in page.text
            assert SECRET_WORDS not in page.text


def test_one_plan_costs_at_most_twelve_statements(proposal, browse):
    """Whatever number of pieces, effects and partners it has."""
    reader = browse(proposal.consortium.lead.people()[0])
    reader.get_ok(f"/proposals/{proposal.id}")
    with counted() as statements:
        reader.get_ok(f"/proposals/{proposal.id}")
    assert len(statements) <= 12, "\n".join(statements)


def test_the_database_holds_no_word_of_the_plan(app_on, tmp_path):
    """Every column of every table, and every byte on disk, the journal included."""
    app = app_on(f"sqlite:///{tmp_path}/sealed.sqlite")
    with app.app_context():
        proposal = make_proposal(state=ProposalState.SUBMITTED)
        found = 0
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(text(f'SELECT * FROM "{table.name}"')):
                for value in row:
                    found += 1
                    stored = value if isinstance(value, bytes) else str(value).encode()
                    assert b"mentors" not in stored, table.name
        assert found > 100
        name = proposal.consortium.name.encode()
        db.session.remove()
        on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert name in on_disk  # what is not secret is there, so the rest would be
        assert b"mentors" not in on_disk
        db.engine.dispose()


def test_a_draft_does_not_open_with_another_sealing_key(app, browse, monkeypatch):
    proposal = make_proposal()
    monkeypatch.setitem(app.config, "SEALING_KEY", "somebody else's")
    page = browse(proposal.consortium.lead.people()[0]).get(f"/proposals/{proposal.id}")
    assert page.status_code == 500
    assert "This plan cannot be read" in page.text
    assert SECRET_WORDS not in page.text


def test_a_row_put_in_the_place_of_another_does_not_open(proposal, browse):
    """The other consortium's copy, under the other one's lock: its passphrase opens nothing here."""
    other = make_proposal(make_consortium(proposal.call, name="Other"), state=ProposalState.SUBMITTED)
    proposal.own_key, proposal.own_copy = other.own_key, other.own_copy
    db.session.commit()
    words = {"passphrase": passphrase_of(other)}
    answer = browse(proposal.consortium.lead.people()[0]).post_form(f"/proposals/{proposal.id}/read", words)
    assert answer.status_code == 422


def test_a_changed_copy_is_said_to_be_broken(proposal, browse):
    proposal.own_copy = proposal.own_copy[:-1] + bytes([proposal.own_copy[-1] ^ 1])
    db.session.commit()
    words = {"passphrase": passphrase_of(proposal)}
    answer = browse(proposal.consortium.lead.people()[0]).post_form(f"/proposals/{proposal.id}/read", words)
    assert answer.status_code == 500
    assert "This plan cannot be read" in answer.text


def test_the_page_shows_volumes_against_the_caps(app, browse):
    proposal = make_proposal()
    page = browse(proposal.consortium.lead.people()[0]).get_ok(f"/proposals/{proposal.id}")
    tables = [one for one in soup(page).select("table") if "Volumes against" in one.caption.text]
    cells = [cell.text.strip() for cell in tables[0].select("tbody tr")[0].select("th, td")]
    assert cells == ["Thirteen weeks of work", "12", "70", "€2,500.00", "€30,000.00"]


def test_a_plan_without_handing_in_stays_sealed_after_the_deadline(app, browse):
    proposal = make_proposal()
    with clock.at(proposal.call.deadline):
        page = browse(proposal.consortium.lead.people()[0]).get_ok(f"/proposals/{proposal.id}")
    assert "was not handed in and stays sealed" in page.text


def test_each_lack_leads_to_where_it_is_mended(app, browse):
    """To the piece, to the own part, to the shares of all; what a partner lacks is its own to mend: where it stands."""
    lead, partner = make_provider("Lead"), make_provider("Partner")
    reader, mate = make_user(lead), make_user(partner)
    consortium = make_consortium(lead=lead, partners=[partner])
    proposal = make_proposal(consortium, content=make_plan(consortium, 12, team=""), confirmed=False)
    for one in consortium.taking_part:
        make_part(one, declarations={}, shares={})
    room, team = f"/consortia/{consortium.id}", next(item for item in consortium.call.items if item.key == "team")
    for page in (f"/proposals/{proposal.id}", f"{room}/proposal"):
        told = soup(browse(reader).get_ok(page)).select(".notice li a")
        where = {link.text: link["href"] for link in told}
        assert len(where) == len(told) and "" not in where.values()
        assert where[f"“{team.title}” is not answered yet."] == f"{room}/proposal/team"
        assert where["Lead has not given its declarations yet."] == f"{room}/declare"
        assert where["Lead has not given its shares in the effects yet."] == f"{room}/shares"
        assert where["Partner has not given its declarations yet."] == f"{room}#part-{partner.id}"
        assert next(url for text, url in where.items() if "shares add up" in text) == f"{room}/coverage#shares"
        for url in where.values():
            path, _, anchor = url.partition("#")
            shown = soup(browse(reader).get_ok(path or page))
            assert not anchor or shown.select(f'[id="{anchor}"]'), url
    told = soup(browse(mate).get_ok(f"/proposals/{proposal.id}")).select(".notice li a")
    where = {link.text: link["href"] for link in told}
    assert where["Partner has not given its declarations yet."] == f"{room}/declare"
    assert where["Lead has not given its declarations yet."] == f"{room}#part-{lead.id}"
    assert where["Partner has not confirmed this text."] == "#confirmed"  # the plan is not finished yet


def test_a_finished_plan_leads_each_partner_to_its_own_confirmation(app, browse):
    lead, partner = make_provider("Lead"), make_provider("Partner", vetted_at=None)
    consortium = make_consortium(lead=lead, partners=[partner])
    proposal = make_proposal(consortium, confirmed=False)
    told = soup(browse(make_user(partner)).get_ok(f"/proposals/{proposal.id}")).select(".notice li a")
    where = {link.text: link["href"] for link in told}
    assert where == {
        "Lead has not confirmed this text.": "#confirmed",
        "Partner has not confirmed this text.": f"/proposals/{proposal.id}/confirm",
        "Partner is not vetted by a municipality yet.": f"/consortia/{consortium.id}#part-{partner.id}",
    }
