"""Where the portal meets the bank: accounts that are paid to, batches for the bank, and what the bank says happened.

An organisation names its own account; the intermediary confirms it over the telephone and a waiting time runs, since a
false account is how money is stolen. Payments that two people approved become a file (`pain`) that two people let go.
What the bank reports (`camt`, `bank_csv`) is imported once, matched by reference and amount (`matching`), and each day
the balance of the bank is laid beside that of the books (`reconciling`).
Easiest to break: booking what the bank only announced, or one line of a statement twice.
"""
