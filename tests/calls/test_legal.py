"""Tender rules are dated data (domain, section 6): each source is named, and a call keeps the rules of its day."""

from datetime import UTC, date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.calls import legal
from app.calls.legal import Binding, Key, Law, TermKind
from app.core import clock
from app.programmes.states import Route

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))
PLACES = st.sampled_from(["NL", "BE"])


@pytest.mark.parametrize(
    ("key", "jurisdiction", "value", "unit", "law", "article", "binding"),
    [
        (Key.STANDSTILL, "NL", 20, "days", Law.AW, "2.127", Binding.DOCUMENTS),
        (Key.STANDSTILL, "BE", 15, "days", Law.BE_2013, "11", Binding.STATUTE),
        (Key.LAST_ANSWERS, "NL", 10, "days", Law.AW, "2.54", Binding.STATUTE),
        (Key.LAST_ANSWERS, "BE", 0, "days", Law.BE_2016, "4", Binding.DOCUMENTS),
        (Key.PROOF_REGISTER, "NL", 6, "months", Law.AW, "2.89", Binding.DOCUMENTS),
        (Key.PROOF_CONDUCT, "NL", 24, "months", Law.AW, "2.89", Binding.DOCUMENTS),
        (Key.FILE, "NL", 3, "years", Law.AW, "2.132", Binding.STATUTE),
        (Key.THRESHOLD, "BE", 75_000_000, "minor", Law.DIRECTIVE, "4", Binding.STATUTE),
    ],
)
def test_the_rules_of_the_domain(key, jurisdiction, value, unit, law, article, binding):
    found = legal.rule(key, jurisdiction, TODAY)
    assert (found.value, found.unit, found.law, found.article, found.binding) == (value, unit, law, article, binding)


def test_a_rule_holds_from_its_day_on_and_not_before():
    """The last answers went from six days to ten on 1 July 2016, when the act was changed."""
    assert legal.rule(Key.LAST_ANSWERS, "NL", date(2016, 6, 30)).days == 6
    assert legal.rule(Key.LAST_ANSWERS, "NL", date(2016, 7, 1)).days == 10
    with pytest.raises(LookupError):
        legal.rule(Key.LAST_ANSWERS, "NL", date(2013, 3, 31))


def test_a_new_line_changes_calls_from_its_day_on_only(tmp_path):
    """A change of the law is a line, not code; the order of the lines does not count."""
    line = '[[rule]]\nkey = "standstill"\njurisdiction = "NL"\nroute = "contract"\nvalue = {}\nunit = "days"\n'
    line += 'law = "aw"\narticle = "2.127"\nbinding = "statute"\nvalid_from = {}\n'
    path = tmp_path / "rules.toml"
    path.write_text(line.format(25, "2027-01-01") + line.format(20, "2013-04-01"))
    found = [legal.rule("standstill", "NL", day, path=path).days for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert found == [20, 25]


def test_a_subsidy_goes_by_other_law():
    """Six weeks for an objection (art. 6:7 Awb), which is no standstill of procurement law; in Belgium sixty days."""
    assert [legal.rule(Key.STANDSTILL, where, TODAY, Route.SUBSIDY).days for where in ("NL", "BE")] == [42, 60]
    laws = {found.law for found in legal.rules_on("NL", TODAY, Route.SUBSIDY)}
    assert laws == {Law.AWB}


@pytest.mark.parametrize(("jurisdiction", "route"), list(product(["NL", "BE"], [Route.CONTRACT, Route.SUBSIDY])))
def test_what_every_call_needs_is_there_with_its_source(app, jurisdiction, route):
    found = {one.key: one for one in legal.rules_on(jurisdiction, TODAY, route)}
    assert set(Key) - set(found) <= {Key.THRESHOLD, Key.PROOF_REGISTER, Key.PROOF_CONDUCT, Key.PROOF_TAX}
    for one in found.values():
        assert one.article in one.basis
        assert str(one.law.label) in one.basis
    for key in (Key.STANDSTILL, Key.LAST_ANSWERS, Key.EXTENSION, Key.REPAIR):
        assert found[key].days >= 0


def test_a_statute_is_not_a_choice():
    statute = legal.rule(Key.STANDSTILL, "BE", TODAY)
    declared = legal.rule(Key.STANDSTILL, "NL", TODAY)
    assert legal.may_choose(statute) == [Binding.STATUTE]
    assert legal.binding_of(statute, {"standstill": "default"}) == Binding.STATUTE
    assert legal.binding_of(declared, {"standstill": "default"}) == Binding.DEFAULT
    assert legal.binding_of(declared, {}) == Binding.DOCUMENTS


def test_only_what_divides_a_hundred_weighs_equally():
    """Three criteria of 33, 33 and 34 do not weigh equally."""
    assert [legal.equal_weights(n) for n in (0, 1, 2, 3, 4, 5, 6, 7)] == [None, 100, 50, None, 25, 20, None, None]


@pytest.mark.parametrize(
    ("start", "days", "jurisdiction", "counted", "until"),
    [
        (date(2026, 3, 2), 20, "NL", date(2026, 3, 22), date(2026, 3, 23)),  # a Sunday
        (date(2026, 3, 14), 20, "NL", date(2026, 4, 3), date(2026, 4, 7)),  # Good Friday, then Easter
        (date(2026, 3, 19), 15, "BE", date(2026, 4, 3), date(2026, 4, 3)),  # no holiday in Belgium
        (date(2026, 12, 5), 20, "NL", date(2026, 12, 25), date(2026, 12, 28)),  # Christmas into a weekend
        (date(2026, 12, 12), 20, "BE", date(2027, 1, 1), date(2027, 1, 4)),
        (date(2028, 2, 9), 20, "NL", date(2028, 2, 29), date(2028, 2, 29)),  # a leap day
        (date(2027, 2, 9), 20, "NL", date(2027, 3, 1), date(2027, 3, 1)),
        (date(2026, 7, 6), 15, "BE", date(2026, 7, 21), date(2026, 7, 22)),  # the Belgian national holiday
        (date(2026, 7, 6), 15, "NL", date(2026, 7, 21), date(2026, 7, 21)),
    ],
)
def test_each_date_is_shown_with_the_day_counted_and_where_it_moved(app, start, days, jurisdiction, counted, until):
    found = legal.rule(Key.STANDSTILL, jurisdiction, TODAY)
    term = legal.term_counted(TermKind.STANDSTILL, found, start, found.binding, days=days)
    assert (term.counted_to, term.until) == (counted, until)
    assert bool(term.moved_by) == (counted != until)
    law = "General Extension of Time Limits Act" if jurisdiction == "NL" else "Regulation 1182/71"
    assert (law in term.moved_by) == (counted != until)


def test_a_short_term_over_easter_holds_two_working_days():
    """Art. 2 Algemene termijnenwet: three days from Thursday 2 April 2026 would leave Tuesday alone."""
    assert clock.count_term(date(2026, 4, 2), 3, "NL").until == date(2026, 4, 8)
    assert clock.count_term(date(2026, 4, 2), 2, "NL").until == date(2026, 4, 7)  # below three days the act is silent
    assert clock.count_term(date(2026, 4, 3), 2, "BE").until == date(2026, 4, 8)  # Regulation 1182/71 art. 3(5)


@given(DAYS, st.integers(1, 90), PLACES)
def test_a_term_ends_on_the_first_working_day_that_is_long_enough(start, days, where):
    found = clock.count_term(start, days, where)
    assert found.counted_to == start + timedelta(days=days) <= found.until
    assert clock.is_working_day(found.until, where)
    if days >= clock.HOLDS_TWO[where]:
        assert clock.working_days(start, found.until, where) >= 2
    earlier = [found.counted_to + timedelta(days=n) for n in range((found.until - found.counted_to).days)]
    for day in earlier:  # none of the days before would have done
        assert not clock.is_working_day(day, where) or clock.working_days(start, day, where) < 2
    assert (found.until - found.counted_to).days <= 7


@given(DAYS, st.integers(1, 90), PLACES)
def test_who_sends_later_ends_no_sooner(start, days, where):
    assert clock.term_end(start, days, where) <= clock.term_end(start + timedelta(days=1), days, where)


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 60))
def test_counting_back_keeps_the_time_of_day_over_summer_time(moment, days):
    moment = moment.replace(year=1990 + moment.year % 100, day=min(moment.day, 28))
    there, back = moment.astimezone(clock.LOCAL), clock.days_before(moment, days).astimezone(clock.LOCAL)
    assert (there.date() - back.date()).days == days
    wall = back.replace(tzinfo=None) - timedelta(hours=1) if _skipped(back, there) else back.replace(tzinfo=None)
    assert wall.time() == there.replace(tzinfo=None).time()


def _skipped(back, there):
    """In the hour that spring skips, the clock shows one hour more."""
    return back.hour == 3 and there.hour == 2


@given(DAYS)
def test_a_day_is_over_at_local_midnight(day):
    """A day of 23 hours in spring, of 25 in autumn: the end is the next midnight there, never 24 hours on."""
    end = clock.end_of(day).astimezone(clock.LOCAL)
    assert (end.date(), end.hour, end.minute) == (day + timedelta(days=1), 0, 0)
