"""Each partner says its share of the work and the money per effect; what does not come to 100 is said."""

import pytest

from app.consortia.coverage import shares_per_effect
from app.consortia.part_operations import share
from app.consortia.parts import lacking, part_of, parts_of
from app.core.errors import NotYours, Refused
from app.extensions import db
from tests.browser import soup
from tests.factories.calls import make_call, make_provider
from tests.factories.consortia import add_partner, make_consortium, make_parts
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.programmes import make_programme
from tests.factories.proposals import make_proposal


@pytest.fixture
def consortium(app):
    lead, partner = make_provider("Lead"), make_provider("Partner")
    make_user(lead), make_user(partner)
    programme = make_programme()
    call = make_call(programme, table=make_table(programme, effects=3))
    return make_consortium(call, lead=lead, partners=[partner])


def people(consortium):
    return [partner.organisation.people()[0] for partner in consortium.taking_part]


def test_shares_are_kept_per_effect_and_seen_by_the_others(consortium, browse):
    lead, partner = people(consortium)
    effect = consortium.call.table.effects[0]
    url = f"/consortia/{consortium.id}/shares"
    proposal = make_proposal(consortium)
    answer = browse(lead).post_form(url, {f"work-{effect.code}": "60", f"money-{effect.code}": "55"})
    assert answer.status_code == 303
    db.session.expire_all()
    assert part_of(consortium, lead.organisations[0].id)["shares"][str(effect.id)] == {"work": 60, "money": 55}
    assert "60 % work, 55 % money" in browse(partner).get_ok(url).text
    assert proposal.confirmed_by() == {}


def test_one_number_fills_what_is_left_empty(consortium, browse):
    lead = people(consortium)[0]
    first, *others = consortium.call.table.effects
    data = {"all_work": "50", "all_money": "40", f"work-{first.code}": "0"}
    assert browse(lead).post_form(f"/consortia/{consortium.id}/shares", data).status_code == 303
    db.session.expire_all()
    shares = part_of(consortium, lead.organisations[0].id)["shares"]
    assert shares[str(first.id)] == {"work": 0, "money": 40}
    assert all(shares[str(effect.id)] == {"work": 50, "money": 40} for effect in others)


def test_an_empty_form_is_a_slip_and_a_zero_an_answer(consortium, browse):
    """Kept as zeros it would look complete, and the one number for what is empty would fill nothing any more."""
    lead, url = people(consortium)[0], f"/consortia/{consortium.id}/shares"
    answer = browse(lead).post_form(url, {})
    assert answer.status_code == 422 and soup(answer).select_one("#all_work-error")
    db.session.expire_all()
    own = lead.organisations[0].id
    assert part_of(consortium, own)["shares"] == {}
    assert browse(lead).post_form(url, {"all_work": "0"}).status_code == 303
    db.session.expire_all()
    assert {(one["work"], one["money"]) for one in part_of(consortium, own)["shares"].values()} == {(0, 0)}


@pytest.mark.parametrize("typed", ["101", "-1", "33.5", "half"])
def test_a_share_is_a_whole_per_cent(consortium, browse, typed):
    lead = people(consortium)[0]
    effect = consortium.call.table.effects[0]
    answer = browse(lead).post_form(f"/consortia/{consortium.id}/shares", {f"work-{effect.code}": typed})
    assert answer.status_code == 422
    assert typed in answer.text


def test_an_effect_of_another_table_is_refused(consortium):
    other = make_consortium().call.table.effects[0]
    lead = people(consortium)[0]
    with pytest.raises(Refused):
        share(consortium, {str(other.id): {"work": 10, "money": 10}}, actor=lead, version=None)


def test_coverage_says_where_shares_do_not_add_up(consortium, browse):
    lead, partner = people(consortium)
    first, second, *_rest = consortium.call.table.effects
    all_of_it, half = {"work": 100, "money": 100}, {"work": 50, "money": 50}
    share(consortium, {str(first.id): half, str(second.id): all_of_it}, actor=lead, version=None)
    share(consortium, {str(first.id): half, str(second.id): half}, actor=partner, version=None)
    rows = {row.effect.id: row for row in shares_per_effect(consortium, parts_of(consortium))}
    assert rows[first.id].adds_up
    assert (rows[second.id].work, rows[second.id].adds_up) == (150, False)
    page = soup(browse(partner).get_ok(f"/consortia/{consortium.id}/coverage"))
    lines = [row.text for row in page.select("table")[-1].select("tbody tr")]
    assert "adds up" in lines[0]
    assert "does not add up to 100" in lines[1]


def test_before_handing_in_shares_of_what_is_promised_come_to_a_hundred(consortium):
    first, second, *_rest = consortium.call.table.effects
    make_parts(consortium)
    assert lacking(consortium, parts_of(consortium), [first, second]) == []
    lead = people(consortium)[0]
    share(consortium, {str(first.id): {"work": 50, "money": 49}}, actor=lead, version=None)
    said = lacking(consortium, parts_of(consortium), [first])
    assert len(said) == 1 and "99" in said[0] and first.name in said[0]
    assert len(lacking(consortium, parts_of(consortium), [first, second])) == 2


def test_only_partners_have_shares(consortium, browse):
    invited = make_user(make_provider())
    add_partner(consortium, invited.organisations[0])
    url = f"/consortia/{consortium.id}/shares"
    assert browse(invited).get(url).status_code == 403
    assert browse(make_user(make_provider())).get(url).status_code == 404
    with pytest.raises(NotYours):
        share(consortium, {}, actor=invited, version=None)
