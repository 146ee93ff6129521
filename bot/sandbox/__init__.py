"""A strict local stand-in for Slack: Web API, Socket Mode or signed requests, a page, and people to act as.

Start it with `server.Sandbox`; describe its world with `people`; check payloads alone with `rules`.
"""
