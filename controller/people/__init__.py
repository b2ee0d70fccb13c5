"""Who a person is, where SIGN_IN says that people sign in. Read tokens.py first."""
