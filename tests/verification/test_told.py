"""Who reads no rows is told of no row: no number of a claim, no code of a person (domain, section 9)."""

from datetime import date

import pytest
from sqlalchemy import select

from app.extensions import db
from app.intake.models import Participant
from app.notifications.models import Notification
from app.outcomes.models import Claim
from app.verification.appeal_states import ReopenReason
from app.verification.reopening import reopen_proof
from tests.factories.outcomes import make_lasting, make_signed_off


def words_of(notice):
    return f"{notice.title}\n{notice.body}"


@pytest.mark.parametrize("locale", ["en", "nl"])
def test_the_intermediary_hears_that_something_is_reopened_and_not_what(app, locale):
    """Its number would tell the desk which claim of a person is false, in an inbox and in a mail outside the portal."""
    bond = make_lasting()
    bond.intermediary.locale = locale
    false = make_signed_off(bond, code="home-start", achieved_on=date(2026, 2, 10))
    of_same = {"participant": false.participant}
    middle = make_signed_off(bond, code="home-3m", achieved_on=date(2026, 5, 10), **of_same)
    last = make_signed_off(bond, code="home-6m", achieved_on=date(2026, 8, 10), **of_same)
    reopen_proof(false, ReopenReason.FALSIFIED, "Never rented.", actor=bond.assessor)
    desk = list(db.session.scalars(select(Notification).filter_by(user_id=bond.intermediary.id, action="claim.reopen")))
    assert len(desk) == 1 and desk[0].path.endswith("/settlements")
    for one in (false, middle, last):
        assert one.number not in words_of(desk[0]) and one.participant.code not in words_of(desk[0])
    provider = db.session.scalars(select(Notification).filter_by(user_id=bond.provider.id, action="claim.reopen")).one()
    assert all(one.number in words_of(provider) for one in (false, middle, last)), "who reads the rows is told which"


def test_no_notice_of_the_whole_demonstration_names_a_claim_or_a_person_to_who_may_not_read_it(world):
    """Over every notice of every bond: whoever is told a number could read that claim; a code stands in none."""
    numbers = {claim.number: claim for claim in db.session.scalars(select(Claim)).unique()}
    codes = list(db.session.scalars(select(Participant.code)))
    seen, named = {}, 0
    for notice in db.session.scalars(select(Notification).where(Notification.user_id.is_not(None))):
        said = words_of(notice)
        assert not [code for code in codes if code in said], notice.title
        for number in [one for one in numbers if one in said]:
            if notice.user_id not in seen:
                seen[notice.user_id] = {one.id for one in db.session.scalars(Claim.visible_to(notice.user)).unique()}
            assert numbers[number].id in seen[notice.user_id], f"{notice.user.email}: {notice.title}"
            named += 1
    assert named > 10
