"""Every kind of piece of a plan, within what the call asks and offers: volume, number, choice, text, file, budget,
discount."""

import io

import pytest

from app.audit.models import AuditFacts
from app.calls.asked import ItemKind
from app.calls.models import CriterionKind
from app.consortia import vault
from app.consortia.operations import leave_consortium
from app.core.errors import Refused
from app.core.format import money
from app.extensions import db
from app.proposals.checks import lacking_second
from app.proposals.draft_operations import plan_of
from app.proposals.models import Proposal
from app.proposals.pieces import DISCOUNT_KEY
from tests.factories.calls import make_lots, make_provider
from tests.factories.consortia import make_consortium
from tests.factories.people import make_user
from tests.factories.pricing import make_table
from tests.factories.proposals import ask, write_answer
from tests.proposals.drafting import PDF, at, document, people, plan, read, second


@pytest.mark.parametrize(
    ("volume", "message"),
    [("-1", "whole number from 0 to 70"), ("71", "whole number from 0 to 70"), ("1.5", "Give a whole number"),
     ("9" * 20, "Give a whole number"), ("many", "Give a whole number")],
)  # fmt: skip
def test_a_volume_beyond_the_cohort_is_refused_and_nothing_is_kept(consortium, browse, volume, message):
    reader = browse(people(consortium)[0])
    answer = reader.post_form(at(consortium, "volumes"), {"volume-work-13w": volume, "year-2027": "100"})
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="100"' in answer.text  # what was typed right stays
    assert db.session.scalar(db.select(db.func.count(Proposal.id))) == 0
    assert vault.slots_of(consortium) == {}


def test_a_plan_for_a_lot_is_measured_by_the_cohort_of_that_lot(app, browse):
    """Seventy in the bond, ten in the lot: a volume of 11 is not for this consortium to promise."""
    call = make_lots()
    lead = make_provider()
    reader = browse(make_user(lead))
    consortium = make_consortium(call, lead, lot=call.lots[0])
    answer = reader.post_form(at(consortium, "volumes"), {"volume-work-13w": "11"})
    assert answer.status_code == 422
    assert "whole number from 0 to 10" in answer.text
    assert reader.post_form(at(consortium, "volumes"), {"volume-work-13w": "10"}).status_code == 303
    assert "10 of 70 participants" in reader.get_ok(at(consortium)).text  # the part in the contract ceiling, said


def test_an_effect_of_another_table_or_a_negative_volume_is_refused(consortium):
    lead, _ = people(consortium)
    [effect] = consortium.call.table.effects
    foreign = make_table().effects[0]
    for numbers in ({str(foreign.id): 1}, {str(effect.id): -1}):
        with pytest.raises(Refused):
            write_answer(consortium, "volumes", {"numbers": numbers, "years": {}}, actor=lead)


def test_a_number_and_a_choice_within_what_the_call_offers(consortium, browse):
    ask(consortium.call, ItemKind.NUMBER, "coaches", least=2, most=40)
    ask(consortium.call, ItemKind.CHOICE, "method", choices=["groups", "one to one"])
    reader = browse(people(consortium)[0])
    for key, wrong in (("coaches", "41"), ("coaches", "1"), ("coaches", "two")):
        assert reader.post_form(at(consortium, key), {"answer": wrong}).status_code == 422
    page = reader.get_ok(at(consortium, "method"))
    forged = reader.submit(page, {"answer": "by post"}, action=at(consortium, "method"), forged=True)
    assert forged.status_code in (400, 422)
    assert reader.post_form(at(consortium, "coaches"), {"answer": "12"}).status_code == 303
    assert reader.post_form(at(consortium, "method"), {"answer": "one to one"}).status_code == 303
    assert plan(consortium)["answers"] == {"coaches": 12, "method": "one to one"}
    for key, wrong in (("coaches", 41), ("method", "by post"), ("approach", "x" * 20_001)):
        with pytest.raises(Refused):
            write_answer(consortium, key, wrong, actor=people(consortium)[0])


def test_a_text_that_is_too_long_is_kept_on_the_page(consortium, browse):
    ask(consortium.call, ItemKind.TEXT, "summary", longest=10)
    reader = browse(people(consortium)[0])
    answer = reader.post_form(at(consortium, "summary"), {"answer": "Eleven char"})
    assert answer.status_code == 422
    assert "Eleven char" in answer.text
    ten = "Four\nlines"  # the browser sends two characters for the end of the line and counts one
    assert reader.post_form(at(consortium, "summary"), {"answer": ten}).status_code == 303
    assert read(consortium, "answer:summary") == ten


def test_a_file_is_judged_by_its_contents_and_read_by_its_consortium_alone(consortium, browse):
    ask(consortium.call, ItemKind.FILE, "letter")
    lead, partner = people(consortium)
    url = at(consortium, "letter")
    wrong = browse(lead).post_form(url, {"answer": (io.BytesIO(b"MZ a program"), "letter.pdf")})
    assert wrong.status_code == 422
    assert "not a PDF, PNG or JPEG" in wrong.text
    assert "Your file" in wrong.text  # and not the word for the case file of a participant
    assert browse(lead).post_form(url, {"answer": (io.BytesIO(PDF), "../letter.exe")}).status_code == 303
    page = browse(partner).get_ok(url)
    content = plan(consortium)
    assert content["answers"]["letter"] == {
        "filename": "letter.pdf", "media_type": "application/pdf", "size": len(PDF), "sha256": document().sha256,
    }  # fmt: skip
    assert document().sha256 in page.text
    got = browse(partner).get(f"{url}/file")
    assert (got.data, got.mimetype) == (PDF, "application/pdf")
    assert "attachment" in got.headers["Content-Disposition"]
    assert "letter" not in plan(consortium, files=False)["files"]
    assert browse(make_user(make_provider())).get(f"{url}/file").status_code == 404
    assert browse(lead).post_form(url, {"remove": True}).status_code == 303
    assert browse(lead).get(f"{url}/file").status_code == 404
    assert plan(consortium)["files"] == {}


def test_the_budget_is_of_those_who_take_part_and_lies_in_the_second_envelope(consortium, browse):
    ask(consortium.call, ItemKind.BUDGET, "budget")
    lead, partner = people(consortium)
    year = consortium.call.programme.years[0]
    lines = {"lines-0-organisation_id": str(consortium.lead_id), "lines-0-year": str(year), "lines-0-what": "Coaches",
             "lines-0-amount_minor": "12,500.00"}  # fmt: skip
    assert browse(lead).post_form(at(consortium, "budget"), lines).status_code == 303
    line = {"organisation_id": str(consortium.lead_id), "year": year, "what": "Coaches", "amount_minor": 1_250_000}
    assert second(consortium)["budget"] == [line]
    assert "12500" not in str(plan(consortium))
    incomplete = browse(partner).post_form(at(consortium, "budget"), {"lines-1-what": "Rent"})
    assert incomplete.status_code == 422
    outsider = line | {"organisation_id": str(make_provider().id)}
    for wrong in (outsider, line | {"year": year - 1}, line | {"amount_minor": -1}):
        with pytest.raises(Refused):
            write_answer(consortium, "budget", [wrong], actor=lead)
    assert "€12,500.00" in browse(partner).get_ok(f"/proposals/{plan_of(consortium).id}").text


def test_costs_of_a_partner_that_left_are_not_handed_in(consortium):
    ask(consortium.call, ItemKind.BUDGET, "budget")
    lead, partner = people(consortium)
    year = consortium.call.programme.years[0]
    line = {"organisation_id": str(consortium.partners[1].organisation_id), "year": year, "what": "", "amount_minor": 1}
    write_answer(consortium, "budget", [line], actor=lead)
    assert lacking_second(second(consortium), consortium) == []
    leave_consortium(consortium, actor=partner)
    assert len(lacking_second(second(consortium), consortium)) == 1


def test_a_discount_only_where_the_call_gives_points_for_it(consortium, browse):
    lead, _ = people(consortium)
    assert browse(lead).get(at(consortium, DISCOUNT_KEY)).status_code == 404
    allow_discount(consortium.call)
    assert browse(lead).post_form(at(consortium, DISCOUNT_KEY), {"answer": "100"}).status_code == 422
    assert browse(lead).post_form(at(consortium, DISCOUNT_KEY), {"answer": "2.5"}).status_code == 303
    assert second(consortium)["discount_bp"] == 250
    assert "discount" not in str(db.session.scalars(db.select(AuditFacts.body)).all())  # nor that there is one
    assert "250" not in str(plan(consortium)["answers"])
    with pytest.raises(Refused):
        write_answer(consortium, DISCOUNT_KEY, 10_000, actor=lead)


def test_what_the_discount_leaves_stands_beside_the_costs(consortium, browse):
    """Costs below the listed price of all effects, and above what a discount of 2.5 % leaves of it."""
    ask(consortium.call, ItemKind.BUDGET, "budget")
    allow_discount(consortium.call)
    lead, partner = people(consortium)
    [effect] = consortium.call.table.effects
    write_answer(consortium, "volumes", {"numbers": {str(effect.id): 10}, "years": {}}, actor=lead)
    listed = effect.amount_of(10)
    after = listed * 39 // 40
    line = {"organisation_id": str(consortium.lead_id), "year": consortium.call.programme.years[0], "what": ""}
    write_answer(consortium, DISCOUNT_KEY, 250, actor=lead)
    write_answer(consortium, "budget", [line | {"amount_minor": after + 1}], actor=lead)
    whole, warning = f"/proposals/{plan_of(consortium).id}", "The costs exceed the income"
    page = browse(partner).get_ok(whole).text
    assert money(after) in page and money(listed) in page
    assert warning in page and warning in browse(lead).get_ok(at(consortium)).text
    write_answer(consortium, "budget", [line | {"amount_minor": after}], actor=lead)
    assert warning not in browse(partner).get_ok(whole).text


def allow_discount(call):
    from sqlalchemy import update

    from app.calls.models import Call

    db.session.execute(update(Call).where(Call.id == call.id).values(rectifying=True))
    db.session.commit()
    call.criteria[1].kind = CriterionKind.DISCOUNT
    db.session.commit()
    db.session.refresh(call)
