"""Written together without losing a word: volumes within the caps, the second of two people hears of the first."""

import pytest

from app.audit.models import AuditEntry, AuditFacts
from app.core import clock
from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.notifications.models import Notification
from app.pricing.states import TableState
from app.proposals.budget import budget_of
from app.proposals.content import make_content
from app.proposals.models import Proposal
from app.proposals.operations import NOT_YET, confirm_proposal, save_draft
from app.proposals.sealing import read_own
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.programmes import make_programme
from tests.factories.proposals import make_plan, make_proposal


@pytest.fixture
def consortium(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    return make_consortium(lead=lead, partners=[partner])


def people(consortium):
    return [partner.organisation.people()[0] for partner in consortium.taking_part]


def test_a_partner_writes_and_the_trail_knows_only_a_digest(consortium, browse):
    lead, partner = people(consortium)
    url = f"/consortia/{consortium.id}/proposal"
    answer = browse(partner).post_form(url, {"approach": "Forty-two mentors.", "volume-work-13w": "30"})
    page = browse(lead).follow(answer)
    assert "Forty-two mentors." in page.text
    assert "€75,000.00" in page.text
    proposal = db.session.scalars(db.select(Proposal)).unique().one()
    assert list(read_own(proposal)["volumes"].values()) == [30]
    [entry] = db.session.scalars(db.select(AuditEntry)).all()
    assert entry.action == "proposal.draft"
    assert db.session.scalars(db.select(AuditFacts.body)).one() == {"digest": proposal.digest}
    assert db.session.scalars(db.select(Notification)).all() == []


@pytest.mark.parametrize(
    ("volume", "message"),
    [("-1", "whole number from 0 to 70"), ("71", "whole number from 0 to 70"), ("1.5", "Give a whole number"),
     ("9" * 20, "Give a whole number"), ("many", "Give a whole number")],
)  # fmt: skip
def test_a_volume_beyond_the_cohort_is_refused_and_the_text_is_kept(consortium, browse, volume, message):
    url = f"/consortia/{consortium.id}/proposal"
    answer = browse(people(consortium)[0]).post_form(url, {"approach": "Kept.", "volume-work-13w": volume})
    assert answer.status_code == 422
    assert message in answer.text
    assert "Kept." in answer.text
    assert db.session.scalar(db.select(db.func.count(Proposal.id))) == 0


def test_two_write_at_once_and_no_word_is_lost(consortium, browse):
    one, other = (browse(person) for person in people(consortium))
    url = f"/consortia/{consortium.id}/proposal"
    page = other.get_ok(url)
    one.post_form(url, {"approach": "The first text.", "volume-work-13w": "5"})
    late = other.submit(page, {"approach": "The second text."})
    assert late.status_code == 409
    assert "The second text." in late.text  # in the form
    assert "The first text." in late.text  # beside it, to take over
    assert other.submit(late).status_code == 303
    proposal = db.session.scalars(db.select(Proposal)).unique().one()
    assert read_own(proposal)["sections"]["approach"] == "The second text."


def test_the_first_save_of_two_is_one_plan(consortium):
    lead, partner = people(consortium)
    save_draft(consortium, make_plan(consortium), actor=lead, version=NOT_YET)
    with pytest.raises(Changed):
        save_draft(consortium, make_plan(consortium, 3), actor=partner, version=NOT_YET)


def test_any_change_voids_what_was_confirmed_and_no_change_does_not(consortium):
    lead, _ = people(consortium)
    proposal = make_proposal(consortium)
    assert len(proposal.confirmed_by()) == 2
    save_draft(consortium, make_plan(consortium), actor=lead)
    assert len(proposal.confirmed_by()) == 2
    save_draft(consortium, make_plan(consortium, risks="None."), actor=lead)
    assert proposal.confirmed_by() == {}
    confirm_proposal(proposal, actor=lead)
    save_draft(consortium, make_plan(consortium, 13, risks="None."), actor=lead)
    assert proposal.confirmed_by() == {}


def test_an_effect_of_another_table_or_a_negative_volume_is_refused(consortium):
    lead, _ = people(consortium)
    [effect] = consortium.call.table.effects
    foreign = make_table().effects[0]
    for volumes in ({foreign.id: 1}, {effect.id: -1}):
        with pytest.raises(Refused):
            save_draft(consortium, make_content({}, volumes), actor=lead)


def test_outsiders_do_not_write(consortium, browse):
    for user in (make_user(make_provider()), make_user(consortium.call.programme.lead)):
        assert browse(user).get(f"/consortia/{consortium.id}/proposal").status_code == 404
        with pytest.raises(NotYours):
            save_draft(consortium, make_plan(consortium), actor=user)


def test_at_the_deadline_the_pen_is_down(consortium, browse):
    lead, _ = people(consortium)
    url = f"/consortia/{consortium.id}/proposal"
    writer = browse(lead)
    page = writer.get_ok(url)
    with clock.at(consortium.call.deadline):
        answer = writer.submit(page, {"approach": "Typed in the last second."})
        assert answer.status_code == 409
        assert "Typed in the last second." in answer.text
        with pytest.raises(NotNow):
            save_draft(consortium, make_plan(consortium), actor=lead)


def test_the_budget_counts_in_cents_and_knows_every_cap(app):
    """70 participants; 2 per person of one effect, no limit on another; 1,000.01 and 33.33 each."""
    programme = make_programme(cohort_size=70)
    caps = {"cap_contract_minor": 10_000_000, "cap_per_person_minor": 100_000}
    table = make_table(programme, state=TableState.DRAFT, effects=0, **caps)
    make_effect(table, "a", price_minor=100_001, max_per_person=2)
    make_effect(table, "b", price_minor=3_333, max_per_person=None, life_domain="home")
    call = make_call(programme, table=table)
    one, two = table.effects
    budget = budget_of({str(one.id): 69, str(two.id): 3}, call)
    assert [line.ceiling for line in budget.lines] == [140, None]
    assert budget.total_minor == 69 * 100_001 + 3 * 3_333
    assert budget.cap_minor == 7_000_000  # 70 x 1,000.00 is less than the contract ceiling of 100,000.00
    assert budget.per_domain() == [("work", 6_900_069), ("home", 9_999)]
    assert budget.problems() == []
    assert budget_of({str(one.id): 70}, call).problems() == ["The plan costs more than the contract ceiling."]
    assert len(budget_of({str(one.id): 141}, call).problems()) == 2
