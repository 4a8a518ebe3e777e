from dataclasses import dataclass

from app.calls import legal
from app.calls.legal import Rule
from app.calls.models import Call
from app.core.forms import Form, choice


class BindingsForm(Form):
    """One choice per rule of the call; made by `form_of_rules`."""

    def chosen(self) -> dict[str, str]:
        return {name.removeprefix("rule_"): self[name].data for name in self._fields if name.startswith("rule_")}


@dataclass(frozen=True, slots=True)
class Choosable:
    rule: Rule
    name: str


def form_of_rules(call: Call) -> tuple[type[BindingsForm], list[Choosable]]:
    """The rules that a statute does not already bind."""
    free = [found for found in call.rules() if len(legal.may_choose(found)) > 1]
    fields = {f"rule_{found.key}": choice(found.key.label, legal.may_choose(found)) for found in free}
    return type("BindingsOfCall", (BindingsForm,), fields), [Choosable(found, f"rule_{found.key}") for found in free]
