"""What the committee reads of the parts is what was sealed, not what the portal knows besides."""

import pytest

from app.consortia.part_operations import edit_part
from app.consortia.parts import parts_of
from app.consortia.shown import shown_parts
from app.extensions import db
from tests.factories.calls import make_provider
from tests.factories.consortia import make_consortium, make_parts
from tests.factories.people import make_user
from tests.factories.proposals import make_proposal


@pytest.fixture
def consortium(app):
    return make_consortium(lead=make_provider("Lead"), partners=[make_provider("Second")])


def test_in_the_words_that_were_written(consortium):
    make_parts(consortium)
    edit_part(
        consortium, "Two coaches.", ("work",), actor=make_user(consortium.lead), version=None, role="Coach",
        skills=("mentoring",),
    )  # fmt: skip
    sealed = parts_of(consortium)
    consortium.partners[0].role, consortium.partners[0].life_domains = "Changed in the row", ["home"]
    db.session.commit()
    lead, second = shown_parts(consortium, sealed)
    assert dict(lead.facts)["Role"] == "Coach"
    assert dict(lead.facts)["Life domains"] == "work"
    assert "mentoring" in dict(lead.facts)["Skills"]
    assert lead.part["contribution"] == "Two coaches."
    assert [(work, money) for _name, work, money in second.shares] == [(50, 50)]


def test_plans_that_were_opened_before_have_no_parts(consortium):
    assert shown_parts(consortium, {}) == []


def test_the_plan_page_holds_them(consortium, browse):
    reader = browse(make_user(consortium.lead))
    proposal = make_proposal(consortium)
    text = reader.get_ok(f"/proposals/{proposal.id}").text
    assert "What Second does." in text
    assert "Declared by" in text
