"""HTTP: a client that can be cancelled, proxies, a guard against private addresses, search engines.

Read `client.py` first, then `safe_fetch.py`.
"""
