"""Anthropic's own protocol, the Messages API: our requests in its words, and its events as the chunks of all others.

Read `request.py` first. Source: https://docs.claude.com/en/api/messages
"""
