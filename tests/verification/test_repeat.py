"""A list and its draw, made again by who may read them: what the pages tell, and by which steps (issue 5: seed and hash
of the list are published, assessor and auditor reproduce the draw)."""

import hashlib
import uuid

import pytest

from app.extensions import db
from app.outcomes.models import Claim
from app.people.models import OrganisationKind
from app.verification.judging import PROVEN, judge_claim
from app.verification.operations import conclude_docket, draw_sample, lock_docket
from app.verification.signing import sign_off
from app.verification.statement import document_of, verified_in
from app.verification.statement_states import Edition
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.verification import make_claims, make_docket, make_sampled


def test_where_every_claim_is_checked_every_page_says_so(app, browse):
    """One truth: nothing is drawn of seven claims; the seed is published, and the fingerprint can be made again
    from what the page says."""
    bond = make_sampled()
    ids = make_claims(bond, 7)
    docket = make_docket(bond)
    told = "nothing is drawn; the seed and the fingerprint of the list are published all the same"
    for who in (bond.assessor, bond.auditor, bond.provider):
        page = browse(who).get_ok(f"/dockets/{docket.id}")
        assert told in page.text and "Drawn on" not in page.text
    assert "Make the draw again" not in browse(bond.auditor).get_ok(f"/dockets/{docket.id}").text
    page = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/repeat").text
    assert told in page and "The list is as it was locked" in page
    assert "seed, a colon" not in page and "sha256sum" in page, "there is no id to join a seed with"
    file = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/list.json").get_json()
    (effect,) = file["effects"]
    lines = f"{effect['code']} {effect['fingerprint']}\n"
    assert hashlib.sha256(lines.encode()).hexdigest() == file["list"] == docket.list_digest
    for id in ids:
        judge_claim(db.session.get_one(Claim, id), PROVEN, actor=bond.assessor)
    conclude_docket(docket, actor=bond.assessor)
    batch = sign_off(bond.programme, "Read.", actor=bond.assessor)
    document = document_of(verified_in(batch, None), Edition.FULL, None, "CODE")
    how, shown = next(dict(one.facts) for one in document.sections if one.facts), document.sections[2]
    assert told in how["What is judged"] and "Drawn on" not in how and "Size of a sample" not in how
    assert [row[1:3] for row in shown.rows] == [["7", "–"]], "seven claims, none of them drawn"


def test_the_auditor_makes_a_draw_again_by_the_steps_on_the_page(app, browse):
    """The steps alone, without this software: fingerprints, size and draw."""
    bond = make_sampled()
    make_claims(bond, 60)
    docket = make_docket(bond)
    page = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/repeat").text
    for step in ("sorted by id", "sorted by code", "rounded up", "a colon and the id", "as text"):
        assert step in page
    file = browse(bond.auditor).get_ok(f"/dockets/{docket.id}/list.json").get_json()
    (effect,) = file["effects"]
    lines = "".join(f"{id} {content}\n" for id, content in sorted(effect["claims"]))
    assert hashlib.sha256(lines.encode()).hexdigest() == effect["fingerprint"]
    size = len(effect["claims"])
    number = min(size, max(file["least"], -(-size * file["share_bp"] // 10_000)))
    by_hash = sorted(effect["claims"], key=lambda one: hashlib.sha256(f"{file['seed']}:{one[0]}".encode()).hexdigest())
    assert sorted(id for id, _content in by_hash[:number]) == effect["drawn"] and number == 30


@pytest.mark.parametrize("who", ["provider", "official", "intermediary", "investor", "stranger"])
def test_nobody_but_assessor_and_auditor_reads_the_list(app, browse, who):
    """The file holds the number of every claim, also those of another service provider, and how many there are, which
    the pages hide (issue 5: assessor and auditor reproduce the draw). Seed and fingerprint are for everybody."""
    bond = make_sampled()
    make_claims(bond, 60)
    docket = make_docket(bond)
    stranger = make_user(make_organisation(OrganisationKind.PROVIDER))
    someone = browse(stranger if who == "stranger" else getattr(bond, who))
    page = soup(someone.get_ok(f"/dockets/{docket.id}")).select_one("main")
    assert docket.seed in page.text and docket.list_digest in page.text
    for path in ("repeat", "list.json"):
        assert someone.get(f"/dockets/{docket.id}/{path}").status_code == 403
        assert not page.select(f'a[href$="/{path}"]'), "a link that leads nowhere"
    for reader in (bond.assessor, bond.auditor):
        assert soup(browse(reader).get_ok(f"/dockets/{docket.id}")).select('a[href$="/repeat"]')


def test_before_the_draw_the_page_promises_no_more_than_the_portal_lets_each_do(app, browse):
    """The list, and with it the draw, is for assessor and auditor; seed and fingerprint everybody reads."""
    bond = make_sampled()
    make_claims(bond, 40)
    docket = lock_docket(bond.programme, actor=bond.assessor, once=uuid.uuid4())
    said = browse(bond.assessor).get_ok(f"/dockets/{docket.id}/draw").text
    assert "Assessor and auditor can make the draw again" in said and "anybody can make the draw" not in said
    assert "anybody can check that the seed and the fingerprint are those that were published" in said
    draw_sample(docket, actor=bond.assessor)
    for who, status in ((bond.assessor, 200), (bond.auditor, 200), (bond.provider, 403)):
        assert browse(who).get(f"/dockets/{docket.id}/repeat").status_code == status
        shown = browse(who).get_ok(f"/dockets/{docket.id}").text.replace("<wbr>", "")
        assert docket.seed in shown and docket.list_digest in shown
