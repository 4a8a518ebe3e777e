"""The code of a participant stands in no text that every party or the public reads (domain, section 9)."""

import pytest

from app.core.errors import Refused
from app.extensions import db
from app.outcomes.models import Batch
from app.outcomes.states import ClaimState
from app.people.password import hashed
from app.programmes.pseudonym import check_character, new_code
from app.programmes.told_codes import codes_in, holds_code
from app.verification.signing import sign_off
from tests.browser import soup
from tests.factories.outcomes import make_claim, make_delivery, make_participant

PASSWORD = "a small mill by the water"


@pytest.fixture
def bond(app):
    return make_delivery()


def ways(code):
    """As it is copied, said over the telephone, spelled, at the end of a sentence, after a word of the same signs."""
    plain = code.replace("-", "")
    return [code, code.lower(), plain, code.replace("-", " "), code.replace("-", "\u2013"), " ".join(plain),
            f"Of {code}.", f"kept {code.replace('-', ' ')} met",
            "".join(chr(ord(one) + 0xFEE0) for one in plain)]  # fmt: skip


def test_a_code_is_found_however_it_is_written(bond):
    code = make_participant(bond).code
    for typed in ways(code):
        assert code in codes_in(typed) and holds_code(typed), typed


def test_what_is_no_code_of_anybody_passes(bond):
    """A word or a number may look like a code by chance; one that nobody has tells of nobody."""
    make_participant(bond)
    word = "DECEMC"
    for text in ("On 3 December 2026 we read 27 files, EUR 3.456,22.", word + check_character(word), new_code()):
        assert not holds_code(text)
    code = make_participant(bond).code
    assert not holds_code(f"{code}X") and not holds_code(f"9{code}"), "a part of something longer"


def test_no_code_stands_under_the_seal(bond, browse):
    """Refused where it was typed, and by the operation; what was typed stays on the page and nothing is signed."""
    participant = make_participant(bond)
    make_claim(bond, participant, state=ClaimState.VERIFIED)
    bond.assessor.password = hashed(PASSWORD, bond.assessor.name, bond.assessor.email)
    db.session.commit()
    typed = f"I saw the contract of {participant.code.lower().replace('-', ' ')} myself."
    path = f"/programmes/{bond.programme.id}/sign-off"
    form = {"method": "Each contract was read.", "statement": typed, "password": PASSWORD}
    answer = browse(bond.assessor).post_form(path, form)
    assert answer.status_code == 422 and typed in answer.text
    assert "code of a participant" in soup(answer).select_one("#statement-error").text
    with pytest.raises(Refused, match="code of a participant") as refused:
        sign_off(bond.programme, typed, actor=bond.assessor)
    assert refused.value.field == "statement" and db.session.query(Batch).count() == 0
    assert sign_off(bond.programme, "I saw the contract myself.", actor=bond.assessor).number == 1
