"""A Dutch and a Belgian call from the notice to the public award, through every step that a court would ask about.

Five consortia: three are ranked (one of them withdrew its plan and handed it in anew, in the last second), one comes a
second late, one withdraws. The first award goes to Kans; an objection that is upheld gives it to Brug. Every date was
counted by hand on the calendar of 2026 (Easter 5 April, Ascension Day 14 May).
"""

from datetime import date

import pytest

from app.evaluation.states import ProofKind
from tests.journeys import award_steps as award
from tests.journeys import call_steps as steps
from tests.journeys.call_steps import Country, on

COUNTRIES = [
    # 20 days from the day after sending end on Ascension Day; sending a letter again changes nothing (art. 2.127 Aw)
    Country(
        "NL",
        20,
        date(2026, 5, 15),
        date(2026, 5, 15),
        date(2026, 6, 23),
        frozenset({ProofKind.REGISTER, ProofKind.CONDUCT, ProofKind.TAX}),
    ),
    # 15 days end on Saturday 9 May; from the last sending on Ascension Day (art. 11 of the Act of 17 June 2013)
    Country("BE", 15, date(2026, 5, 11), date(2026, 5, 15), date(2026, 6, 18), frozenset({ProofKind.ESPD})),
]


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_from_the_notice_to_the_final_award(app, browse, tmp_path, country):
    with on(2, 2):
        case = steps.publish(country, browse)
    steps.ask_and_answer(case)
    steps.write_plans(case)
    steps.rectify(case)
    steps.hand_in(case)
    steps.open_plans(case)
    steps.score(case)
    steps.freeze_then_open_discounts(case)
    award.decide_for_kans(case)
    award.send_a_letter_again(case)
    award.object_and_win(case)
    award.decide_for_brug(case)
    award.prove_and_wait(case)
    award.publish_award(case)
    award.export(case, app, tmp_path)
