"""Every page of delivery for every party; lists read the database as often for 30 rows as for 1."""

import pytest

from app.core import clock
from app.core.format import day as format_day
from app.extensions import db
from app.outcomes.states import ClaimState
from tests.browser import soup
from tests.factories.outcomes import make_batch, make_claim, make_delivery, make_participant, publish
from tests.statements import counted

PARTIES = ("provider", "assessor", "official", "neighbour", "intermediary", "investor", "auditor")


@pytest.fixture
def bond(app):
    return make_delivery()


@pytest.fixture
def claim(bond):
    return make_claim(bond, make_participant(bond, bond.enschede))


@pytest.mark.parametrize("who", PARTIES)
def test_the_overview_is_for_all_parties(bond, claim, browse, who):
    page = browse(getattr(bond, who)).get_ok(f"/programmes/{bond.programme.id}/delivery")
    assert claim.participant.code not in page.text


def test_the_overview_is_for_parties_only(bond, browse):
    from tests.factories.people import make_user

    assert browse(make_user()).get(f"/programmes/{bond.programme.id}/delivery").status_code == 403


@pytest.mark.parametrize(
    "who, answer",
    [
        ("provider", 200),
        ("assessor", 200),
        ("official", 200),
        ("neighbour", 404),
        ("intermediary", 404),
        ("investor", 404),
        ("auditor", 404),
    ],
)
def test_rows_about_a_person_exist_for_case_owners_only(bond, claim, browse, who, answer):
    """Domain, section 9: provider, assessor and the participant's own municipality."""
    browser = browse(getattr(bond, who))
    assert browser.get(f"/participants/{claim.participant_id}").status_code == answer
    assert browser.get(f"/claims/{claim.id}").status_code == answer


@pytest.mark.parametrize(
    "who, answer", [("intermediary", 403), ("investor", 403), ("auditor", 403), ("neighbour", 200)]
)
def test_lists_show_no_rows_of_others(bond, claim, browse, who, answer):
    for where in ("participants", "claims"):
        page = browse(getattr(bond, who)).get(f"/programmes/{bond.programme.id}/{where}")
        assert page.status_code == answer
        assert claim.participant.code not in page.text


def test_the_public_is_asked_to_sign_in(bond, claim, browse):
    for path in (f"/programmes/{bond.programme.id}/delivery", f"/participants/{claim.participant_id}"):
        assert browse().get(path).status_code == 303


def test_no_amount_stands_before_the_assessor(bond, claim, browse):
    """Money must not sway the judgement."""
    for path in (f"/claims/{claim.id}", f"/claims/{claim.id}/verify", f"/programmes/{bond.programme.id}/sign-off"):
        assert "€" not in browse(bond.assessor).get_ok(path).text.split("<main")[1]


def test_small_numbers_are_hidden_from_the_investor(bond, browse):
    for _ in range(3):
        make_claim(bond)
    for _ in range(6):
        make_claim(bond, code="days")
    publish(bond)
    page = browse(bond.investor).get_ok(f"/programmes/{bond.programme.id}/delivery").text
    table = page.split("Claims of the whole bond")[-1]
    assert "fewer than 5" in table
    assert ">3<" not in table
    assert ">9<" in table
    assert ">6<" not in table, "9 in all and 6 days would tell the 3"


def test_a_municipality_cannot_take_off_its_own(bond, browse):
    """Enschede has 6, Hengelo 2: the whole, 8, is hidden from both."""
    for _ in range(6):
        make_claim(bond)
    for _ in range(2):
        make_claim(bond, make_participant(bond, bond.hengelo))
    publish(bond)
    page = browse(bond.official).get_ok(f"/programmes/{bond.programme.id}/delivery").text
    effects = page.split("Claims of the whole bond")[-1].split("<h2>Sign-offs")[0]
    whole, own = effects.split("Claims for your own residents")[::2]
    assert ">8<" not in whole
    assert ">6<" in own


def test_the_rows_of_a_municipality_say_of_when_they_are(bond, browse):
    """Its own residents are counted now, all others once a month (domain, section 9): of 6 that were published and one
    that came since, its row tells 7 and the total does not."""
    for _ in range(6):
        make_participant(bond, bond.enschede)
    for _ in range(7):
        make_participant(bond, bond.hengelo)
    publish(bond)
    make_participant(bond, bond.enschede)

    def rows(who):
        page = soup(browse(getattr(bond, who)).get_ok(f"/programmes/{bond.programme.id}/delivery"))
        table = page.find("caption", string="Participants per municipality").parent
        return {row.th.text: row.select("td")[-1].text for row in table.select("tbody tr, tfoot tr")}

    day = format_day(clock.today())
    read = rows("official")
    assert read[f"{bond.enschede.name}, now"] == "7" and read[f"Total, as of {day}"] == "13"
    assert f"{bond.hengelo.name}, as of {day}" in read
    assert rows("assessor")["Total"] == "14", "who reads everything now needs no word of it"
    assert rows("investor")["Total"] == "13", "one day for all of it stands above"


def test_search_and_paging_of_the_work_list(bond, browse):
    participants = [make_participant(bond) for _ in range(51)]
    claims = [make_claim(bond, participant) for participant in participants]
    browser, path = browse(bond.provider), f"/programmes/{bond.programme.id}/claims"
    first = browser.get_ok(path)
    assert first.text.count('href="/claims/') == 50
    assert browser.click(first, "Next").text.count('href="/claims/') == 1
    code = participants[7].code
    for q in (code, code.lower().replace("-", ""), claims[7].number):
        found = browser.get_ok(f"{path}?q={q}")
        assert found.text.count('href="/claims/') == 1
        assert code in found.text
    assert "No claims here" in browser.get_ok(f"{path}?state=rejected").text
    assert "No claims here" in browser.get_ok(f"{path}?q=%25").text, "a percent sign is no wildcard"


@pytest.mark.parametrize("who", ["provider", "assessor", "official"])
@pytest.mark.parametrize("where", ["participants", "claims", "delivery"])
def test_thirty_rows_cost_no_more_statements_than_one(bond, browse, who, where):
    browser, path = browse(getattr(bond, who)), f"/programmes/{bond.programme.id}/{where}"
    make_claim(bond)
    browser.get_ok(path)  # the first reading of the day is logged
    with counted() as one:
        browser.get_ok(path)
    for _ in range(29):
        make_claim(bond)
    with counted() as thirty:
        browser.get_ok(path)
    assert len(thirty) == len(one), "\n".join(thirty)


def test_one_claim_among_thirty_costs_no_more(bond, browse):
    participant = make_participant(bond)
    claim = make_claim(bond, participant)
    make_claim(bond, participant, code="days")
    browser, path = browse(bond.assessor), f"/claims/{claim.id}"
    browser.get_ok(path)
    with counted() as few:
        browser.get_ok(path)
    for _ in range(28):
        make_claim(bond, participant, code="days")
    with counted() as many:
        browser.get_ok(path)
    assert len(many) == len(few), "\n".join(many)


@pytest.mark.parametrize("who", ["provider", "assessor", "official", "neighbour", "intermediary", "auditor"])
def test_a_batch_shows_rows_to_case_owners_only(bond, browse, who):
    for _ in range(3):
        make_claim(bond, state=ClaimState.VERIFIED)
    rejected = make_claim(bond, make_participant(bond, bond.hengelo), state=ClaimState.REJECTED)
    batch = make_batch(bond)
    page = browse(getattr(bond, who)).get_ok(f"/batches/{batch.id}").text
    assert batch.digest in page.replace("<wbr>", "")
    # The assessor's own words may hold numbers: for who reads every row.
    assert (batch.statement in page) == (who in ("provider", "assessor"))
    assert (rejected.participant.code in page) == (who in ("provider", "assessor"))
    verified = page.split("Verified, per effect")[-1].split("Rejected, per effect")[0]
    assert (">3<" in verified) == (who in ("provider", "assessor", "official"))


def test_a_batch_is_not_for_investors(bond, browse):
    make_claim(bond, state=ClaimState.VERIFIED)
    batch = make_batch(bond)
    assert browse(bond.investor).get(f"/batches/{batch.id}").status_code == 404


def test_every_form_stands(bond, browse):
    participant = make_participant(bond)
    registered = make_claim(bond, participant, state=ClaimState.REGISTERED)
    submitted = make_claim(bond)
    questioned = make_claim(bond, state=ClaimState.QUESTIONED)
    provider, assessor = browse(bond.provider), browse(bond.assessor)
    for path in (
        f"/programmes/{bond.programme.id}/participants/register",
        f"/participants/{participant.id}/exit",
        f"/participants/{participant.id}/claim",
        f"/claims/{registered.id}/submit",
        f"/claims/{registered.id}/withdraw",
        f"/claims/{questioned.id}/answer",
    ):
        provider.get_ok(path)
        unread = f"/claims/{registered.id}/" in path  # the assessor reads a claim once it is handed in
        assert assessor.get(path).status_code == (404 if unread else 403), path
    for verb in ("verify", "reject", "question"):
        assessor.get_ok(f"/claims/{submitted.id}/{verb}")
        assert provider.get(f"/claims/{submitted.id}/{verb}").status_code == 403
        assert browse(bond.official).get(f"/claims/{submitted.id}/{verb}").status_code == 403
    assert provider.get(f"/programmes/{bond.programme.id}/sign-off").status_code == 403
    db.session.rollback()


def test_the_assessor_opens_the_list_at_what_waits(bond, browse):
    waiting, decided = make_claim(bond), make_claim(bond, state=ClaimState.VERIFIED)
    browser, path = browse(bond.assessor), f"/programmes/{bond.programme.id}/claims"
    page = browser.get_ok(path)
    assert waiting.number in page.text
    assert decided.number not in page.text
    assert decided.number in browser.click(page, "all").text


def test_the_stages_of_an_effect_add_up_to_its_total_also_when_some_were_reopened(bond, browse):
    for state in (ClaimState.SIGNED_OFF, ClaimState.REOPENED, ClaimState.REJECTED):
        for _number in range(6):
            make_claim(bond, state=state)
    publish(bond)
    for person in (bond.assessor, bond.provider):
        page = soup(browse(person).get_ok(f"/programmes/{bond.programme.id}/delivery"))
        table = next(one for one in page.select("table") if "Claims of the whole bond" in one.text)
        assert "Reopened" in [cell.text for cell in table.select("thead th")]
        foot = [int(cell.text) for cell in table.select("tfoot td")]
        assert foot[-1] == 18 == sum(foot[:-1])
