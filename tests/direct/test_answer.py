"""Each provider that is named accepts with what it will do, or declines; nobody answers for another."""

import pytest

from app.core.errors import NotYours
from app.direct.operations import accept_naming
from app.direct.states import NamedState
from app.extensions import db
from app.programmes.states import Phase
from tests.factories.direct import make_direct, name
from tests.told import recorded, told


@pytest.fixture
def bond(app):
    return make_direct()


@pytest.fixture
def award(bond):
    return name(bond)


def place(award, user):
    return award.place_of(user.organisations[0].id)


def test_accepting_keeps_what_it_will_do_and_tells_who_drafts(bond, award, browse):
    guardian = browse(bond.guardian)
    page = guardian.get_ok(f"/direct-awards/{award.id}")
    form = guardian.click(page, "Accept")
    answer = guardian.submit(form, {"contribution": "Guidance day and night."})
    assert answer.status_code == 303
    db.session.expire_all()
    mine = place(award, bond.guardian)
    assert (mine.state, mine.contribution, mine.answered_by) == (
        NamedState.ACCEPTED,
        "Guidance day and night.",
        bond.guardian,
    )
    assert told("direct.accept") == {bond.official.email, bond.intermediary.email}
    assert recorded("direct.accept") == [{"organisation": str(bond.guardian.organisations[0].id)}]
    assert bond.programme.phase == Phase.CALL, "the house has not answered yet"
    accept_naming(award, "A room each.", actor=bond.house)
    assert bond.programme.phase == Phase.AGREEMENT
    assert "Draft the agreement" in browse(bond.official).get_ok("/home").text


def test_declining_is_told_and_another_lead_is_needed(bond, award, browse):
    assert browse(bond.guardian).post_form(f"/direct-awards/{award.id}/decline").status_code == 303
    accept_naming(award, "A room each.", actor=bond.house)
    db.session.expire_all()
    assert place(award, bond.guardian).state == NamedState.DECLINED
    assert told("direct.decline") == {bond.official.email, bond.intermediary.email}
    late = browse(bond.official).get(f"/programmes/{bond.programme.id}/agreement/draft")
    assert late.status_code == 409
    assert "name another one" in late.text
    assert bond.programme.phase == Phase.CALL


def test_nobody_answers_for_another_or_twice(bond, award, browse):
    for who in (bond.official, bond.intermediary, bond.auditor):
        for verb in ("accept", "decline"):
            assert browse(who).get(f"/direct-awards/{award.id}/{verb}").status_code == 403
    accept_naming(award, "Guidance.", actor=bond.guardian)
    with pytest.raises(NotYours):
        accept_naming(award, "Again.", actor=bond.guardian)
    assert browse(bond.guardian).get(f"/direct-awards/{award.id}/accept").status_code == 403


def test_the_words_are_needed_and_kept(bond, award, browse):
    answer = browse(bond.guardian).post_form(f"/direct-awards/{award.id}/accept", {"contribution": ""})
    assert answer.status_code == 422
    assert place(award, bond.guardian).state == NamedState.ASKED
