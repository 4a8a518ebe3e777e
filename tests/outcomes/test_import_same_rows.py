"""Two rows of one file that say the very same: a slip of who copies rows, named with the other row before anything is
imported (issue 5: faults per cell and a dry run). Two people can share all facts of a row, two claims cannot."""

from app.extensions import db
from app.outcomes.models import Claim
from tests.factories.outcomes import make_delivery, make_lasting, make_participant
from tests.outcomes.test_import import CLAIMS, PEOPLE, TOLD, check, csv, faults, people

SAME = "says the same as row"


def test_two_claims_that_say_the_same_are_refused_and_each_names_the_other(app, browse):
    bond = make_delivery()
    person, other = make_participant(bond), make_participant(bond)
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims/import"
    of = ("days", "2026-05-01", "30", "employer", "2026-05-02", "ab" * 32)
    head = (*CLAIMS[:3], "quantity", *CLAIMS[3:])
    checked = check(browser, path, csv(head, (person.code, *of), (other.code, *of[:-1], "cd" * 32), (person.code, *of)))
    assert checked.status_code == 422 and f"{SAME} 2 in every cell" in faults(checked)["A4"]
    assert "A2" not in faults(checked) and "A3" not in faults(checked)
    assert db.session.query(Claim).count() == 0


def test_two_participants_that_say_the_same_are_a_warning(app, browse):
    bond = make_lasting()
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/participants/import"
    row = ("enschede", "18-20", "2026-02-01", TOLD, "")
    checked = check(browser, path, csv(PEOPLE, row, ("enschede", "18-20", "2026-02-02", TOLD, ""), row))
    assert checked.status_code == 200 and f"Row 4 {SAME} 2 in every cell" in checked.text
    assert checked.text.count(SAME) == 1 and people() == 0
    assert browser.submit(checked).status_code == 303 and people() == 3
