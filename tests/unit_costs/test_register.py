"""The register of unit costs: filled by vetted organisations, read by all, reused behind prices (domain, section 5)."""

import uuid

import pytest

from app.audit.models import AuditEntry
from app.core.errors import NotNow, NotYours
from app.extensions import db
from app.people.models import OrganisationKind
from app.pricing.states import TableState
from app.programmes.models import LifeDomain
from app.unit_costs.models import Bearer, SavingClass, UnitCost
from app.unit_costs.operations import FigureFacts, add_unit_cost, edit_unit_cost, withdraw_unit_cost
from tests.browser import soup
from tests.factories.people import make_organisation, make_user
from tests.factories.pricing import make_effect, make_table
from tests.factories.unit_costs import make_unit_cost
from tests.statements import counted

GOOD = {
    "name": "A year in youth care",
    "life_domain": "family",
    "currency": "GBP",
    "value_minor": "51,080.00",
    "unit": "year",
    "price_year": "2013",
    "country": "gb",
    "bearer": "municipality",
    "saving_class": "capacity",
    "source": "GMCA Unit Cost Database v1.4",
    "address": "https://example.org/costs",
    "licence": "CC BY 4.0",
    "note": "Prices of 2013/14.",
}
FACTS = FigureFacts(
    name="A night",
    value_minor=100,
    unit="night",
    price_year=2020,
    bearer=Bearer.MUNICIPALITY,
    saving_class=SavingClass.SOCIAL,
    source="Own count",
    licence="CC0",
)


@pytest.fixture
def city(app):
    return make_organisation(OrganisationKind.MUNICIPALITY, "Enschede")


@pytest.fixture
def official(city):
    return make_user(city)


def actions() -> list[str]:
    return list(db.session.scalars(db.select(AuditEntry.action)))


def test_a_figure_is_added_with_source_year_bearer_class_and_licence(official, city, browse):
    answer = browse(official).post_form("/unit-costs/add", GOOD)
    assert answer.status_code == 303
    figure = db.session.scalars(db.select(UnitCost)).one()
    assert answer.headers["Location"] == f"/unit-costs/{figure.id}"
    assert (figure.value_minor, figure.currency, figure.price_year, figure.country) == (5_108_000, "GBP", 2013, "GB")
    assert (figure.bearer, figure.saving_class, figure.licence) == (
        Bearer.MUNICIPALITY,
        SavingClass.CAPACITY,
        "CC BY 4.0",
    )
    assert figure.organisation_id == city.id
    assert actions() == ["unit_cost.add"]
    page = browse().get_ok(f"/unit-costs/{figure.id}").text
    for said in ("£51,080.00 per year", "2013", "capacity-freeing", "GMCA Unit Cost Database v1.4", "CC BY 4.0"):
        assert said in page


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("name", "", "Fill this in."),
        ("value_minor", "0", "above zero"),
        ("value_minor", "many", "Give an amount"),
        ("currency", "XXX", "valid choice"),
        ("price_year", "2190", "until now"),
        ("price_year", "1900", "from 1950"),
        ("source", "", "Fill this in."),
        ("licence", "", "Fill this in."),
        ("saving_class", "magic", "valid choice"),
        ("address", "ftp://example.org", "begins with https"),
    ],
)
def test_a_wrong_answer_is_told_on_its_field(official, browse, field, typed, says):
    browser = browse(official)
    answer = browser.submit(browser.get_ok("/unit-costs/add"), GOOD | {field: typed}, forged=True)
    assert answer.status_code == 422
    assert says in soup(answer).select_one(f"#{field}-error").text
    assert soup(answer).select_one("#note").text.strip() == GOOD["note"]
    assert not db.session.scalar(db.select(db.func.count()).select_from(UnitCost))


def test_a_double_click_is_one_figure(official, browse):
    browser = browse(official)
    page = browser.get_ok("/unit-costs/add")
    first, again = (browser.submit(page, GOOD) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert db.session.scalar(db.select(db.func.count()).select_from(UnitCost)) == 1


@pytest.mark.parametrize(
    ("kind", "vetted", "status"),
    [
        (OrganisationKind.MUNICIPALITY, True, 200),
        (OrganisationKind.INTERMEDIARY, True, 200),
        (OrganisationKind.PROVIDER, True, 200),
        (OrganisationKind.AUDITOR, True, 200),
        (OrganisationKind.PROVIDER, False, 403),
        (OrganisationKind.INVESTOR, True, 403),
        (OrganisationKind.ASSESSOR, True, 403),
    ],
)
def test_who_fills_the_register(app, browse, kind, vetted, status):
    organisation = make_organisation(kind, **({} if vetted else {"vetted_at": None}))
    user = make_user(organisation)
    assert browse(user).get("/unit-costs/add").status_code == status
    if status == 403:
        with pytest.raises(NotYours):
            add_unit_cost(organisation, FACTS, actor=user, once=uuid.uuid4())
        assert "Add a figure" not in browse(user).get_ok("/unit-costs/").text


def test_only_for_an_organisation_of_ones_own(official, app):
    with pytest.raises(NotYours):
        add_unit_cost(make_organisation(), FACTS, actor=official, once=uuid.uuid4())


def test_its_organisation_changes_it_and_tables_keep_what_they_copied(official, city, browse):
    figure = make_unit_cost(city)
    table = make_table(state=TableState.DRAFT, effects=0)
    effect = make_effect(table, unit_cost_id=figure.id, saving_minor=figure.value_minor)
    answer = browse(official).post_form(f"/unit-costs/{figure.id}/edit", {"value_minor": "8,000.00"})
    assert answer.status_code == 303
    db.session.refresh(figure)
    db.session.refresh(effect)
    assert (figure.value_minor, effect.saving_minor) == (800_000, 790_000)
    assert actions() == ["unit_cost.edit"]


def test_the_second_of_two_hears_of_it_and_keeps_the_text(official, city, browse):
    figure = make_unit_cost(city)
    early, late = browse(official), browse(make_user(city))
    page = late.get_ok(f"/unit-costs/{figure.id}/edit")
    early.post_form(f"/unit-costs/{figure.id}/edit", {"name": "A bed"})
    answer = late.submit(page, {"name": "A place", "note": "Typed with care"})
    assert answer.status_code == 409
    assert "A bed" in soup(answer).select_one(".notice.tone-warn").text
    assert soup(answer).select_one("#note").text.strip() == "Typed with care"


def test_others_neither_change_nor_withdraw_it(city, browse):
    figure = make_unit_cost(city)
    stranger = make_user(make_organisation())
    for verb in ("edit", "withdraw"):
        assert browse(stranger).get(f"/unit-costs/{figure.id}/{verb}").status_code == 403
        assert browse().get(f"/unit-costs/{figure.id}/{verb}").status_code == 303
    with pytest.raises(NotYours):
        withdraw_unit_cost(figure, actor=stranger)
    with pytest.raises(NotYours):
        edit_unit_cost(figure, FACTS, actor=stranger)


def test_withdrawn_it_is_offered_no_more_and_its_page_stays(official, city, browse):
    figure = make_unit_cost(city)
    assert browse(official).post_form(f"/unit-costs/{figure.id}/withdraw").status_code == 303
    db.session.refresh(figure)
    assert figure.withdrawn
    assert figure.name not in browse().get_ok("/unit-costs/").text
    assert "withdrawn" in browse().get_ok(f"/unit-costs/{figure.id}").text
    for verb in ("edit", "withdraw"):
        assert browse(official).get(f"/unit-costs/{figure.id}/{verb}").status_code == 409
    with pytest.raises(NotNow):
        withdraw_unit_cost(figure, actor=official)


def test_search_and_filters(city, browse):
    make_unit_cost(city)
    make_unit_cost(city, name="Child in care", life_domain=LifeDomain.FAMILY, price_year=2013, source="GMCA")
    make_unit_cost(city, name="100% arrest_", saving_class=SavingClass.SOCIAL, life_domain=None)

    def found(query: str) -> list[str]:
        return [th.text for th in soup(browse().get_ok(f"/unit-costs/?{query}")).select("tbody th")]

    assert found("") == ["100% arrest_", "A year in a night shelter", "Child in care"]
    assert found("q=gmca") == ["Child in care"]
    assert found("q=%25") == ["100% arrest_"]  # a per cent sign is no wildcard
    assert found("life_domain=family") == ["Child in care"]
    assert found("saving_class=social") == ["100% arrest_"]
    assert found("year=2013") == ["Child in care"]
    assert found("year=2013&q=night") == []
    assert len(found("life_domain=nonsense&year=x")) == 3
    assert len(found("year=99999999999999999999")) == 3
    assert found("q=%00night") == ["A year in a night shelter"]


def test_it_names_the_published_tables_that_use_it_and_no_draft(programme_table, browse):
    figure, published, draft = programme_table
    links = [a["href"] for a in soup(browse().get_ok(f"/unit-costs/{figure.id}")).select("main li a")]
    assert links == [f"/prices/{published.id}"]
    assert str(draft.id) not in browse().get_ok(f"/unit-costs/{figure.id}").text


@pytest.fixture
def programme_table(city):
    figure = make_unit_cost(city)
    published = make_table(state=TableState.DRAFT, effects=0)
    for code in ("one", "two"):  # used twice, named once
        make_effect(published, code, unit_cost_id=figure.id)
    published.published_at, published.state = published.created_at, TableState.PUBLISHED
    db.session.commit()
    draft = make_table(state=TableState.DRAFT, effects=0)
    make_effect(draft, unit_cost_id=figure.id)
    return figure, published, draft


def test_the_pages_cost_the_same_for_1_and_30(city, browse):
    make_unit_cost(city)
    browse().get_ok("/unit-costs/")
    with counted() as one:
        browse().get_ok("/unit-costs/")
    for n in range(29):
        make_unit_cost(make_organisation(), name=f"Figure {n:02}")
    with counted() as many:
        page = browse().get_ok("/unit-costs/")
    assert len(many) == len(one)
    assert len(soup(page).select("tbody tr")) == 25
    assert len(soup(browse().get_ok("/unit-costs/?page=2")).select("tbody tr")) == 5
