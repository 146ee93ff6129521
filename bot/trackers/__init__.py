"""Trackers: what GitHub, Jira and tables tell of milestones. A small module each, behind `flow.ports.Tracker`.

Nothing here writes anywhere; credentials come from the settings and go into request headers, nowhere else.
"""
