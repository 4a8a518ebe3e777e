"""A whole bond in one file, computed by the code that settles live bonds.

`strict_json` reads the text, `fields` one object with its faults, `replay` the format replay/1 as a whole
(`table_part`, `facts_part` and `capital_part` its pieces), `result` prints replay-result/1, `check` compares it with
what the file expects, and `cli` is the command.

Easiest rule to break: a bad file is refused with a line per fault, each naming its place, and never with a traceback.
"""
