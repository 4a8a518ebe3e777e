"""Nobody twice: the key keeper attests it, the assessor draws codes and looks them up (domain, sections 7 and 9)."""

import uuid

import pytest

from app.core.errors import Changed, NotNow, NotYours, Refused
from app.extensions import db
from app.intake.key import attest_key, check_key, codes_of, digest_of, draw, draw_codes, size_of
from app.intake.key_models import KeyAttestation, KeySample
from app.intake.states import SampleState
from tests.factories.intake import intake_of
from tests.factories.outcomes import make_delivery, make_participant
from tests.told import recorded, told


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def intake(bond):
    for _ in range(3):
        make_participant(bond)
    return intake_of(bond)


def attest(bond, intake):
    attest_key(intake, digest_of(codes_of(intake)), actor=bond.provider, once=uuid.uuid4())


@pytest.mark.parametrize("people, size", [(0, 0), (7, 7), (30, 30), (299, 30), (301, 31), (5_000, 500)])
def test_one_in_ten_and_at_least_thirty(people, size):
    assert size_of(people) == size


def test_whoever_has_list_and_seed_draws_the_same():
    """The rule is printed on the page: the first by the SHA-256 of seed, space and code."""
    codes = [f"C{number:03}" for number in range(200)]
    drawn = draw(codes, "seed", 30)
    assert drawn == draw(list(reversed(codes)), "seed", 30)
    assert len(set(drawn)) == 30
    assert set(drawn) != set(draw(codes, "other", 30))
    assert draw(["a", "b"], "0", 1) == ["b"], "by sha256sum: '0 a' gives cf6d92…, '0 b' gives 840fca…"


def test_the_key_keeper_attests(bond, intake, browse):
    answer = browse(bond.provider).post_form(f"/intakes/{intake.id}/attest")
    assert answer.status_code == 303
    kept = db.session.scalars(db.select(KeyAttestation)).one()
    assert (kept.people, kept.digest) == (3, digest_of(codes_of(intake)))
    assert told("key.attest") == {bond.assessor.email}
    codes = browse(bond.provider).get_ok(f"/intakes/{intake.id}/codes.txt").text
    assert codes.split("\n") == codes_of(intake)
    assert len(recorded("key.read")) == 1, "reading the codes is logged"


@pytest.mark.parametrize("who", ["official", "assessor", "intermediary", "investor", "auditor"])
def test_only_who_keeps_the_key(bond, intake, browse, who):
    for path in ("attest", "codes.txt"):
        assert browse(getattr(bond, who)).get(f"/intakes/{intake.id}/{path}").status_code == 403
    with pytest.raises(NotYours):
        attest_key(intake, digest_of(codes_of(intake)), actor=getattr(bond, who), once=uuid.uuid4())


def test_a_municipality_may_keep_it(bond, intake, browse):
    intake.key_keeper = bond.hengelo
    db.session.commit()
    assert browse(bond.neighbour).get(f"/intakes/{intake.id}/attest").status_code == 200
    assert browse(bond.provider).get(f"/intakes/{intake.id}/attest").status_code == 403


def test_what_was_compared_is_what_is_attested(bond, intake):
    digest = digest_of(codes_of(intake))
    make_participant(bond)
    with pytest.raises(Changed):
        attest_key(intake, digest, actor=bond.provider, once=uuid.uuid4())


def test_the_assessor_draws_and_notes(bond, intake, browse):
    assessor = browse(bond.assessor)
    with pytest.raises(NotNow):
        draw_codes(intake, actor=bond.assessor, once=uuid.uuid4())
    attest(bond, intake)
    assert assessor.post_form(f"/intakes/{intake.id}/sample").status_code == 303
    sample = db.session.scalars(db.select(KeySample)).unique().one()
    assert sorted(sample.codes) == codes_of(intake)
    assert draw(codes_of(intake), sample.seed, 3) == sample.codes
    assert recorded("key.sample") == [{"digest": sample.digest, "seed": sample.seed}]
    path = f"/key-samples/{sample.id}/check"
    assert assessor.post_form(path, {"doubles": "2", "findings": ""}).status_code == 422
    assert assessor.post_form(path, {"doubles": "2", "findings": "Van 12.34.56.782"}).status_code == 422
    assert assessor.post_form(path, {"doubles": "2", "findings": "Eerste twee."}).status_code == 303
    db.session.refresh(sample)
    assert (sample.state, sample.doubles) == (SampleState.CHECKED, 2)
    assert bond.provider.email in told("key.check")
    assert assessor.get(path).status_code == 409
    assert sample.codes[0] in browse(bond.provider).get_ok(f"/key-samples/{sample.id}").text


def test_no_more_doubles_than_codes(bond, intake):
    attest(bond, intake)
    sample = draw_codes(intake, actor=bond.assessor, once=uuid.uuid4())
    with pytest.raises(Refused) as refused:
        check_key(sample, 4, "Vier.", actor=bond.assessor)
    assert refused.value.field == "doubles"


@pytest.mark.parametrize("who", ["official", "neighbour", "intermediary", "investor", "auditor"])
def test_drawn_codes_are_rows_about_people(bond, intake, browse, who):
    attest(bond, intake)
    sample = draw_codes(intake, actor=bond.assessor, once=uuid.uuid4())
    assert browse(getattr(bond, who)).get(f"/key-samples/{sample.id}").status_code == 404
    assert browse(getattr(bond, who)).get(f"/intakes/{intake.id}/sample").status_code == 403
