"""Who a person is, where people sign in, and their account. Read identity.py first; for the account account.py."""
