"""Issue 6: money is decided by two people at their own screens. So whoever decides on money types the password again,
and what needs it not stands here with its reason: a new page asks it, or says here why not."""

import inspect

import pytest

from app.access.four_eyes import FOUR_EYES

NOT_ASKED = {
    "it asks a second person, who types the password": """
        bank.prepare_batch bank.prepare_charge bank.prepare_receipt_back bank.prepare_take_back bank.propose_reversal
        bank.propose_void bank.match_entry capital.draft settlement.answer settlement.prepare settlement.prepare_closing
        treasury.declare_default treasury.prepare_call treasury.prepare_closing treasury.prepare_cost
        treasury.prepare_distribution treasury.prepare_guarantee treasury.prepare_remittance""",
    "it says no, and everything stays as it was": """
        bank.keep_other_receipt bank.keep_statement bank.refuse_entry bank.reject_batch bank.reject_charge
        bank.reject_take_back settlement.discard settlement.refuse settlement.return treasury.refuse_assignment
        treasury.reject_call treasury.reject_closing treasury.reject_cost treasury.reject_default
        treasury.reject_distribution treasury.reject_guarantee
        treasury.reject_remittance treasury.withdraw_assignment""",
    "it stops payments to an account, and never starts them": "bank.withdraw_account treasury.withdraw_account",
    "it tells the portal what the bank itself reported": """
        bank.import_statement bank.match_open bank.book_other_line bank.charge_line bank.return_line bank.set_aside
        bank.take_up""",
    "it binds nobody: every investor signed for its own amount": """
        capital.open capital.invite capital.close capital.state_interest capital.withdraw_interest""",
    "it disputes what was asked, and an answer follows": "settlement.dispute",
}


def views(app):
    """What may be posted in the parts of the portal that hold money."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in ("capital", "treasury", "bank", "settlement") and "POST" in rule.methods:
            yield rule.endpoint, app.view_functions[rule.endpoint]


def asks(view):
    """The names of the view and of what it wraps up, as compiled: a comment does not count."""
    codes = [inspect.unwrap(view).__code__]
    for code in codes:
        codes += [one for one in code.co_consts if inspect.iscode(one)]
    return any("expect_password" in code.co_names for code in codes)


def test_who_decides_on_money_types_the_password_again(app):
    listed = [one for words in NOT_ASKED.values() for one in words.split()]
    not_asked = sorted(endpoint for endpoint, view in views(app) if not asks(view))
    assert sorted(listed) == not_asked, "each once, and none that asks it or is gone"


def test_no_second_person_is_excused(app):
    """Four eyes are worth nothing when the second pair is a screen that somebody left open."""
    second = [(endpoint, view) for endpoint, view in views(app) if view.declared_action in FOUR_EYES]
    assert len(second) > 15
    assert [endpoint for endpoint, view in second if not asks(view)] == []


@pytest.mark.parametrize("verb", ["approve", "confirm", "co_sign", "consent", "check", "accept"])
def test_no_approval_is_excused(app, verb):
    found = [(endpoint, view) for endpoint, view in views(app) if view.declared_action.value.endswith(f".{verb}")]
    assert found and [endpoint for endpoint, view in found if not asks(view)] == []
