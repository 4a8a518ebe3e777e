"""No row about a participant beyond its readers (domain, section 9): asked of every page, export, mail, entry of the
trail and line of the log, as each role."""

import io
import zipfile

import pytest
from flask.testing import FlaskClient

from app.audit.models import AuditFacts
from app.extensions import db
from app.intake.models import Participant, Referral
from app.notifications.models import Notification
from app.outcomes.models import Claim
from tests.access.test_matrix import addresses
from tests.conftest import browser_of
from tests.world import person

ROOMS = (
    *("agreements", "bank", "capital", "evidence", "intake", "ledger", "notifications", "outcomes", "programmes"),
    *("reports", "scenarios", "settlement", "treasury", "verification", "workspace"),
)
ROLES = ["anyone", "investor", "intermediary", "auditor", "government", "hengelo", "rival"]


def codes_of(statement):
    return set(db.session.scalars(statement))


def everybody():
    return codes_of(db.select(Participant.code)) | codes_of(db.select(Referral.code))


def readable(user):
    if user is None:
        return set()
    return {row.code for kind in (Participant, Referral) for row in db.session.scalars(kind.visible_to(user)).unique()}


def texts_in(answer):
    """What is sent, also inside a spreadsheet or an archive."""
    if answer.data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist()).decode(errors="replace")
    return answer.data.decode(errors="replace")


@pytest.mark.parametrize("role", ROLES)
def test_no_page_export_or_log_names_a_participant_to_who_may_not_read_it(world, role, capfd):
    user = None if role == "anyone" else person(role)
    codes, own = everybody(), readable(user)
    hidden = codes - own
    assert len(hidden) > 10, "the demonstration has participants whom this role may not read"
    notes = {note for note in db.session.scalars(db.select(Claim.note)) if note}
    client = browser_of(world, user, FlaskClient)
    asked, answered = 0, 0
    for name, method, address in addresses(world):
        if method == "GET" and name.startswith(ROOMS):
            answer = client.get(address)
            text = texts_in(answer)
            found = {code for code in hidden if code in text}
            assert not found, f"{role} reads {found} at {address}"
            assert not any(note in text for note in notes) or own, address
            asked, answered = asked + 1, answered + (answer.status_code == 200)
    assert asked > 100
    assert answered > 5
    logged = "".join(capfd.readouterr())
    assert not any(code in logged for code in codes), "no code of a person stands in a log"


def test_no_mail_and_no_entry_of_the_trail_names_a_participant(world):
    codes = everybody()
    mails = [
        "\n".join((title, body, path or ""))
        for title, body, path in db.session.execute(db.select(Notification.title, Notification.body, Notification.path))
    ]
    facts = [str(body) for body in db.session.scalars(db.select(AuditFacts.body))]
    assert len(mails) > 50
    assert len(facts) > 100
    for text in (*mails, *facts):
        assert not any(code in text for code in codes), text[:80]


def test_an_error_repeats_nothing_of_what_was_typed_about_a_person(world, capfd):
    """A refused form gives back what was typed to who typed it, and nothing of it to the log."""
    provider = browser_of(world, person("provider"))
    someone = db.session.scalars(Participant.visible_to(person("provider"))).unique().first()
    answer = provider.post_form(f"/participants/{someone.id}/claim", {"note": "Jan de Vries, BSN 111222333"})
    assert answer.status_code == 422
    logged = "".join(capfd.readouterr())
    assert "Vries" not in logged
    assert "111222333" not in logged
