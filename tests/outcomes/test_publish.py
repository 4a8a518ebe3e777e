"""What everybody reads stands for a month: who notes a page on two days learns nothing about one person.

Source: the domain, section 9 (counts of 1 to 4 are hidden, and so are differences from which they follow).
"""

import itertools
import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.core import clock
from app.extensions import db
from app.intake.publication_models import Publication
from app.outcomes.disclosure import Key, Readable, disclosure
from app.outcomes.due import publish, run_due
from app.outcomes.models import Claim
from app.outcomes.publishing import changed, people_now
from app.outcomes.states import ClaimState
from app.programmes.models import Part
from app.programmes.states import Phase
from tests.browser import soup
from tests.factories.outcomes import (
    make_batch,
    make_claim,
    make_delivery,
    make_participant,
)
from tests.factories.people import make_user
from tests.factories.programmes import make_party
from tests.told import recorded

NOVEMBER, DECEMBER = datetime(2026, 11, 10, 9, tzinfo=UTC), datetime(2026, 12, 1, 9, tzinfo=UTC)
JANUARY = datetime(2027, 1, 1, 9, tzinfo=UTC)


@pytest.fixture
def bond(app):
    return make_delivery()


def prove(bond, number):
    for _ in range(number):
        make_claim(bond, state=ClaimState.VERIFIED)
    make_batch(bond)


def proven(bond, browse):
    """What the public reads of the whole bond, and of which day it is."""
    page = soup(browse().get_ok(f"/programmes/{bond.programme.id}/results")).select_one("main")
    says = next(one.text for one in page.select("p.soft") if "Figures" in one.text)
    return page.select_one('[data-figure="stage=signed_off"]').text, says


def test_figures_move_once_a_month_and_say_of_which_day_they_are(bond, browse):
    with clock.at(NOVEMBER):
        prove(bond, 9)
        assert run_due() > 0
        assert proven(bond, browse) == ("9", "Figures as of 10 November 2026. They are renewed once a month.")
        prove(bond, 7)
    with clock.at(NOVEMBER + timedelta(days=20)):
        publish()
        assert proven(bond, browse)[0] == "9", "another sign-off in the same month"
    with clock.at(DECEMBER):
        assert (publish(), publish()) == (1, 0)
        assert proven(bond, browse) == ("16", "Figures as of 1 December 2026. They are renewed once a month.")
    told = [one["month"] for one in recorded("figures.publish") if one["kind"] == "effects"]
    assert told == ["2026-11", "2026-12"]


def test_fewer_than_five_wait_for_the_next_month(bond, browse):
    """Nine, then two more: 11 beside 9 would tell the two. With four more it is six people who came."""
    with clock.at(NOVEMBER):
        prove(bond, 9)
        publish()
        prove(bond, 2)
    with clock.at(DECEMBER):
        publish()
        assert proven(bond, browse)[0] == "9"
        assert "as of 10 November 2026" in proven(bond, browse)[1]
        prove(bond, 4)
    with clock.at(JANUARY):
        publish()
        assert proven(bond, browse)[0] == "15"


@pytest.mark.parametrize("code", ["work-13w", "work-26w"])
@pytest.mark.parametrize("city", ["enschede", "hengelo"])
def test_what_fewer_than_five_changed_waits_for_each_effect_and_each_municipality(bond, code, city):
    """Twelve of each kind and municipality are told; four more of one of them wait, and nothing of that one moves."""
    cities = bond.enschede, bond.hengelo
    with clock.at(NOVEMBER):
        for payer, effect in itertools.product(cities, ("work-13w", "work-26w")):
            claimed(bond, payer, effect, 12)
        publish()
        before = read_of(bond, cities)
        claimed(bond, getattr(bond, city), code, 4)
    with clock.at(DECEMBER):
        publish()
        assert read_of(bond, cities) == before
        claimed(bond, getattr(bond, city), code, 1)
    with clock.at(JANUARY):
        publish()
        effect, payer = bond.effect(code).id, getattr(bond, city).id
        after = read_of(bond, cities)
        assert after[effect, payer] == before[effect, payer] + 5
        assert {key for key in after if after[key] != before[key]} == {(effect, payer), (effect, None)}


def test_of_one_kind_or_one_municipality_fewer_than_five_may_show_between_two_publications(bond):
    """What the text for the impact assessment says: four of one kind and one of another are five in all, and published;
    who subtracts reads the one."""
    with clock.at(NOVEMBER):
        for code, payer in itertools.product(("work-13w", "work-26w"), (bond.enschede, bond.hengelo)):
            claimed(bond, payer, code, 12)
        publish()
        before = read_of(bond, [])
        claimed(bond, bond.enschede, "work-13w", 4)
        claimed(bond, bond.hengelo, "work-26w", 1)
    with clock.at(DECEMBER):
        publish()
        after = read_of(bond, [])
        assert sorted(after[key] - before[key] for key in after) == [1, 4]


def claimed(bond, payer, code, number):
    for _ in range(number):
        make_claim(bond, make_participant(bond, payer), code, state=ClaimState.SUBMITTED)


def read_of(bond, payers):
    """Claims by effect, and those of each municipality as it was published (for who sees the rows)."""
    told = disclosure(bond.programme.id).public
    effects = [bond.effect(code).id for code in ("work-13w", "work-26w")]
    found = {(effect, None): told.figure(Key(effect)).count for effect in effects}
    assert None not in found.values()
    return found | {
        (effect, payer.id): told.figure(Key(effect, payer.id), exact=True).count
        for effect, payer in itertools.product(effects, payers)
    }


def test_one_that_is_reopened_waits_as_well(bond):
    with clock.at(NOVEMBER):
        prove(bond, 9)
        publish()
        one = db.session.scalars(select(Claim)).unique().first()
        one.state = ClaimState.REOPENED
        db.session.commit()
    with clock.at(DECEMBER):
        publish()
        assert disclosure(bond.programme.id).figure(Key(stage="signed_off")).count == 9
        assert disclosure(bond.programme.id).figure(Key(stage="signed_off"), exact=True).count == 8


def test_no_two_publications_differ_by_one_to_four(bond):
    """Over a year in which one to six people come in and are proven in a month."""
    for month in range(12):
        with clock.at(NOVEMBER + timedelta(days=31 * month)):
            prove(bond, month % 6 + 1)
            publish()
    for kind in ("people", "effects"):
        rows = db.session.scalars(select(Publication.cells).filter_by(kind=kind).order_by(Publication.created_at)).all()
        moves = [changed(json.loads(before), json.loads(after)) for before, after in itertools.pairwise(rows)]
        assert set(moves) & {1, 2, 3, 4} == set()
        assert max(moves) >= 5, "it is not that nothing is ever published"


def test_how_a_database_writes_an_id_is_no_change():
    """SQLite writes an id without dashes and keeps one for "no batch"; what was published once stands as it was."""
    effect, city, none = uuid.uuid4(), uuid.uuid4(), uuid.UUID(int=0)
    plain = [effect.hex, city.hex, "submitted", none.hex, None, None, None, 5, 0, None]
    dashed = [str(effect), str(city), "submitted", None, None, None, None, 5, 0, none.hex]
    assert changed([plain], [dashed]) == 0
    assert changed([plain], [[*dashed[:9], str(city)]]) == 5


def test_what_a_closed_bond_came_to_is_published_at_once_and_once(bond, browse):
    with clock.at(NOVEMBER):
        prove(bond, 9)
        publish()
        prove(bond, 2)
        bond.programme.phase = Phase.CLOSED
        db.session.commit()
        assert (publish(), publish()) == (1, 0)
        assert proven(bond, browse)[0] == "11"
    with clock.at(DECEMBER):
        assert publish() == 0


def test_before_anything_is_published_the_page_says_so(bond, browse):
    prove(bond, 9)
    assert "No figures were published yet" in browse().get_ok(f"/programmes/{bond.programme.id}/results").text


def test_a_batch_since_the_last_publication_is_hidden_from_who_sees_no_rows(bond, browse):
    with clock.at(NOVEMBER):
        publish()
        prove(bond, 9)
        batch = db.session.scalars(select(Claim.batch_id)).first()
        key = Key(stage="signed_off", batch=batch)
        assert disclosure(bond.programme.id).figure(key).count is None
        page = soup(browse(bond.neighbour).get_ok(f"/batches/{batch}"))
        assert {one.text for one in page.select("[data-figure]")} == {"hidden"}


def test_partners_are_counted_apart_and_neither_reads_what_the_other_few_achieved(bond, browse):
    """Ten of the lead's, two of the partner's: 12 would tell each of them, so no page says 12 (GDPR, art. 5(1)(c))."""
    partner = make_user(make_party(bond.programme, Part.PROVIDER))
    prove(bond, 10)
    for _ in range(2):
        make_claim(bond, make_participant(bond, provider=partner.organisations[0]), state=ClaimState.VERIFIED)
    make_batch(bond)
    publish()
    assert sum(number for *_, number in people_now(bond.programme, True)) == 12
    for person in (None, partner, bond.provider, bond.investor, bond.auditor, bond.intermediary):
        for room in ("results", "delivery", "progress") if person else ("results",):
            page = soup(browse(person).get_ok(f"/programmes/{bond.programme.id}/{room}")).select_one("main")
            assert "12" not in {one.text for one in page.select("[data-figure]")}, (person, room)
    assert isinstance(disclosure(bond.programme.id), Readable)
