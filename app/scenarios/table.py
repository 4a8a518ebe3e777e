"""The result of a replay for people: plain text in columns."""

from collections.abc import Iterable, Sequence

from app.scenarios.replay import Replay


def table_of(bond: Replay, result: dict) -> str:
    """Sections in the order money flows: effects, reductions, statements, totals, investors.

    Effects and payers stand under their names; lines keep the ids, by which they are found in the file.
    """
    currency, total = result["currency"], result["total"]
    parts = [f"{bond.title} ({currency})"]
    parts += _section(
        "Effects",
        ("effect", "quantity", "gross", "paid"),
        [
            (bond.effect_names.get(row["id"], row["id"]), row["quantity"], row["gross"], row["paid"])
            for row in result["effects"]
        ],
    )
    parts += _section(
        "Reductions", ("date", "rule", "amount"), _picked(result["reductions"], "on", "rule", "amount"), texts=2
    )
    paying = (result["statements"] or [{"payers": []}])[0]["payers"]
    payers = [bond.payer_names.get(payer["id"], payer["id"]) for payer in paying]
    parts += _section(
        "Statements",
        ("date", "gross", "paid", *payers),
        [
            (row["on"], row["gross"], row["paid"], *(payer["amount"] for payer in row["payers"]))
            for row in result["statements"]
        ],
    )
    parts += _section(
        "Total", ("gross", "paid", "net of VAT"), [(total["gross"], total["paid"], total["net_of_vat"])], 0
    )
    if result["excess"] is not None:
        parts += _money(result)
    for line in result.get("lines", ()):
        parts += _line(line)
    return "\n".join(parts)


def _money(result: dict) -> list[str]:
    parts = _section(
        "Investors",
        ("investor", "paid in", "distributed", "interest", "principal", "multiple", "XIRR"),
        _picked(result["investors"], "id", "paid_in", "distributed", "interest", "principal", "multiple", "xirr"),
    )
    parts += _section(
        "Tranches",
        ("tranche", "paid in", "distributed", "outstanding", "multiple", "XIRR"),
        _picked(result["tranches"], "id", "paid_in", "distributed", "outstanding", "multiple", "xirr"),
    )
    excess = result["excess"]
    row = (excess["amount"], result["peak_exposure"], result["unspent"])
    return parts + _section("Left over", (f"excess to {excess['to']}", "peak exposure", "unspent"), [row], 0)


def _line(line: dict) -> list[str]:
    who = " ".join(str(line[key]) for key in ("participant", "payer") if line[key] is not None)
    steps = (f"{step['rule']} {step['before']} -> {step['after']}{_parts(line, step)}" for step in line["steps"])
    return [f"{line['on']} {line['effect']} {who}: {'; '.join(steps) or 'nothing'}"]


def _parts(line: dict, step: dict) -> str:
    """Who pays which part, where several do."""
    if step["rule"] != "split" or "payers" not in line:
        return ""
    return " (" + ", ".join(f"{payer['id']} {payer['amount']}" for payer in line["payers"]) + ")"


def _picked(rows: Iterable[dict], *keys: str) -> list[tuple[str, ...]]:
    return [tuple("-" if row[key] is None else row[key] for key in keys) for row in rows]


def _section(name: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> list[str]:
    """A heading and aligned columns; the first `texts` columns are text, the others amounts."""
    if not rows:
        return []
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    lines = ["", name]
    for row in (heads, *rows):
        cells = [
            cell.ljust(width) if number < texts else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  " + "  ".join(cells).rstrip())
    return lines
