"""Whoever may read an opened plan reads its files too, and what the second envelope held once it is open."""

import base64
import hashlib

from app.evaluation.operations import declare_conflict
from app.extensions import db
from tests.factories.evaluation import make_tender, open_plans

DATA = b"%PDF-1.7 the plan of the building"


def opened_with_file(tender):
    opened = tender.opened_of(tender.bidders[0])
    answer = {
        "filename": "building.pdf",
        "media_type": "application/pdf",
        "size": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
    }
    content = dict(opened.content)
    content["answers"] = content["answers"] | {"approach": answer}
    content["files"] = {"approach": base64.b64encode(DATA).decode()}
    opened.content = content
    db.session.commit()
    return opened


def test_a_file_is_read_by_who_declared_and_by_nobody_else(app, browse):
    tender = make_tender(bidders=2)
    evaluation = open_plans(tender)
    opened = opened_with_file(tender)
    url, scorer = f"/opened/{opened.id}/files/approach", tender.scorers[0]
    assert browse(scorer).get(url).status_code == 403  # has not declared yet
    declare_conflict(evaluation, False, "", actor=scorer)
    assert url in browse(scorer).get_ok(f"/opened/{opened.id}").text
    answer = browse(scorer).get(url)
    assert (answer.data, answer.mimetype) == (DATA, "application/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="building.pdf"'
    for person in (tender.bidders[0].lead, tender.bidders[1].lead):
        assert browse(person).get(url).status_code == 404
    assert browse(scorer).get(f"/opened/{opened.id}/files/team").status_code == 404
    assert browse(scorer).get(f"/opened/{opened.id}/files/none-such").status_code == 404


def test_the_second_envelope_is_read_once_it_is_open(app, browse):
    tender = make_tender(bidders=1)
    open_plans(tender)
    opened = tender.opened_of(tender.bidders[0])
    reader, url = browse(tender.openers[0]), f"/opened/{opened.id}"
    assert "From the second envelope" not in reader.get_ok(url).text
    lead = str(tender.bidders[0].consortium.lead_id)
    line = {"organisation_id": lead, "year": 2027, "what": "Two coaches", "amount_minor": 12_345_600}
    opened.discount = {"discount_bp": 450, "budget": [line], "salt": "x"}
    db.session.commit()
    page = reader.get_ok(url).text
    for words in ("From the second envelope", "4.5", "Two coaches", "€123,456.00"):
        assert words in page
