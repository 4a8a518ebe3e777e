"""The life of one bond, step by step, each by the right party through pages."""

from tests.story import award, deliver, ending, money, prepare, tender
from tests.story.stage import Stage

STEPS = (
    prepare.draft_programme,
    prepare.approve_programme,
    prepare.publish_prices,
    prepare.raise_capital,
    tender.publish_call,
    tender.ask_and_answer,
    tender.form_consortia,
    tender.hand_in_plans,
    tender.stay_sealed,
    award.open_plans,
    award.screen_plans,
    award.score_plans,
    award.agree,
    award.award,
    award.sign_agreement,
    money.call_capital,
    deliver.register_participants,
    money.pay_costs,
    deliver.claim_effects,
    deliver.decide_claims,
    deliver.sign_off,
    money.settle,
    money.approve_statements,
    money.receive_payments,
    money.distribute,
    money.look_at_holdings,
    money.follow_a_cent,
    ending.balance,
    ending.verify,
    ending.tell,
)


def tell(stage: Stage) -> None:
    for step in STEPS:
        step(stage)
