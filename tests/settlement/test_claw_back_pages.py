"""What is taken back is said wherever its money is: settlement, statement, claim, invoice and cent, to whom it may be.

Source: issue 6 ("explain per line", "follow this cent"); Directive 2006/112/EC, art. 219: what amends an invoice refers
to it specifically.
"""

from datetime import date

import pytest

from app.extensions import db
from app.ledger.models import Transfer
from app.outcomes.disclosure import Key, disclosure
from app.settlement.dispute_operations import answer_dispute, confirm_correction, dispute_statement
from tests.browser import soup
from tests.factories.outcomes import make_delivery, publish
from tests.factories.settlement import make_settlement, statement_of
from tests.settlement.test_claw_back import AUTUMN, SPRING, SUMMER, reopen, signed
from tests.settlement.test_invoice import words_of


@pytest.fixture
def taken_back(app):
    """Enschede paid 2,000.00 for a false effect; three new ones and it: 4,000.00 in the next settlement."""
    bond = make_delivery()
    false = signed(bond, 2)
    spring = make_settlement(bond, SPRING, approved=True)
    reopen(bond, false)
    for month in (4, 5, 6):
        signed(bond, month)
    return bond, false, spring, make_settlement(bond, SUMMER, approved=True)


def main(browser, path):
    return soup(browser.get_ok(path)).select_one("main")


def test_desk_payer_and_provider_read_the_line_and_its_reason(taken_back, browse):
    bond, _false, spring, summer = taken_back
    own = statement_of(summer, bond.enschede)
    for reader, path in (
        (bond.intermediary, f"/settlements/{summer.id}"),
        (bond.official, f"/statements/{own.id}"),
        (bond.provider, f"/settlements/{summer.id}"),
    ):
        page = main(browse(reader), path)
        assert "taken back, settled first in" in page.text and page.select(f"a[href='/settlements/{spring.id}']")
        assert "now that the effect no longer counts: €2,000.00 → €0.00" in page.text
        assert "-€2,000.00" in page.text and "Still to be taken back" not in page.text


def test_the_invoice_names_the_one_that_it_takes_back_from(taken_back):
    bond, _, spring, summer = taken_back
    first, own = (statement_of(one, bond.enschede).invoices[0] for one in (spring, summer))
    assert own.amount_minor == 400_000
    name = "Thirteen weeks of work"
    assert own.content["rows"] == [
        [name, "3", "€\u00a02.500,00", "€\u00a01.500,00", "€\u00a00,00", "€\u00a06.000,00"],
        [f"{name}: teruggevorderd, van Factuur {first.number}", "1", "", "", "", "€\u00a0-2.000,00"],
    ]
    assert first.number in words_of(own)


def test_a_cent_is_followed_to_where_it_was_taken_back_and_from(taken_back, browse):
    bond, false, spring, summer = taken_back
    for settlement, other, said in ((spring, summer, "taken back since:"), (summer, spring, "taken back, settled")):
        cause = statement_of(settlement, bond.enschede).id
        transfer = db.session.scalars(db.select(Transfer).where(Transfer.cause_id == cause)).one()
        page = main(browse(bond.official), f"/transfers/{transfer.id}")
        assert said in page.text and page.select(f"a[href='/settlements/{other.id}']")
        assert page.select(f"a[href='/claims/{false.id}']")
    assert "taken back" not in main(browse(bond.auditor), f"/transfers/{transfer.id}").text


def test_the_claim_says_what_became_of_its_money_but_not_to_who_judges(taken_back, browse):
    bond, false, *_ = taken_back
    page = main(browse(bond.provider), f"/claims/{false.id}").text
    assert "Reopened on" in page and "The employer never heard of it." in page
    assert "taken back, since the effect was reopened" in page and "-€2,000.00" in page
    assert "€" not in main(browse(bond.assessor), f"/claims/{false.id}").text


def test_what_is_left_is_told_and_a_correction_before_it_is_warned_of(app, browse):
    """Two statements of 2,000.00; one effect is false, and 500.00 of its statement was corrected before."""
    bond = make_delivery()
    false = signed(bond, 2)
    own = statement_of(make_settlement(bond, SPRING, approved=True), bond.enschede)
    dispute = dispute_statement(own, "Not all of it.", actor=bond.official, once=false.id)
    answer_dispute(dispute, "Half a month.", 50_000, actor=bond.intermediary)
    confirm_correction(dispute, actor=bond.colleague)
    reopen(bond, false)
    signed(bond, 4, code="days", quantity=30)
    summer = make_settlement(bond, SUMMER, approved=True)
    page = main(browse(bond.intermediary), f"/settlements/{summer.id}")
    assert "Still to be taken back in a next settlement: €1,700.00" in page.text
    assert page.select(f".notice a[href='/statements/{own.id}']")
    for reader in (bond.neighbour, bond.auditor):
        assert "Still to be taken back" not in main(browse(reader), f"/settlements/{summer.id}").text
    signed(bond, 8)
    autumn = make_settlement(bond, AUTUMN)
    assert "Still to be taken back" not in main(browse(bond.intermediary), f"/settlements/{autumn.id}").text


def test_the_public_does_not_learn_how_many_were_reopened(app):
    """Nine effects were proven and one of them reopened: eight and nine side by side would tell of the one."""
    bond = make_delivery()
    claims = [signed(bond, 2) for _ in range(9)]
    for _ in range(9):
        signed(bond, 2, bond.hengelo)
    make_settlement(bond, SPRING, approved=True)
    reopen(bond, claims[0])
    publish(bond)
    told = disclosure(bond.programme.id)
    effect = bond.effect("work-13w").id
    shown = {key: told.figure(key).count for key in told.public.told.keys}
    assert Key(stage="reopened") not in shown
    assert told.figure(Key(effect=effect, stage="signed_off"), exact=True).count == 17
    whole, counting = shown.get(Key(effect=effect)), shown.get(Key(effect=effect, stage="signed_off"))
    assert whole is None or counting is None, "their difference is the one"


def test_both_sides_of_what_is_netted_stand_beside_each_other(taken_back, browse):
    """+6,000.00 and -2,000.00 and not only 4,000.00, with the reason and the settlement that paid; the neighbour, the
    provider and the auditor read no such single side."""
    bond, _false, spring, summer = taken_back
    own = statement_of(summer, bond.enschede)
    for reader, path in ((bond.intermediary, f"/settlements/{summer.id}"), (bond.official, f"/statements/{own.id}")):
        [table] = [
            one
            for one in main(browse(reader), path).select("table")
            if "What is settled now and what is taken back" in one.text
        ]
        rows = [[cell.text.strip() for cell in row.select("th, td")] for row in table.select("tbody tr")]
        assert [row[-1] for row in rows] == ["+€6,000.00", "-€2,000.00"]
        assert "falsified" in rows[1][2] and table.select(f"a[href='/settlements/{spring.id}']")
    for reader in (bond.neighbour, bond.official, bond.provider):
        assert (
            "What is settled now and what is taken back" not in browse(reader).get_ok(f"/settlements/{summer.id}").text
        )


def test_a_total_of_netted_effects_says_that_it_is_not_the_whole(taken_back, browse):
    """Days of Hengelo stand in the next settlement too: of them nothing is taken back, so they are in no line of the
    table, and its foot must not read as what is paid for everything (issue 6: explain per line)."""
    bond, _false, _spring, _summer = taken_back
    reopen(bond, signed(bond, 7))
    false = signed(bond, 7)
    make_settlement(bond, date(2026, 7, 31), approved=True)
    reopen(bond, false)
    signed(bond, 8)
    signed(bond, 8, bond.hengelo, "days", quantity=30)
    page = main(browse(bond.intermediary), f"/settlements/{make_settlement(bond, AUTUMN).id}")
    [table] = [one for one in page.select("table") if "What is settled now and what is taken back" in one.text]
    assert "Days without care" not in table.text and "€300.00" in page.text
    foot = table.select_one("tfoot").text
    assert "Together for this effect" in foot and "€0.00" in foot
    assert "Only effects of which something is taken back" in table.find_previous("p").text
