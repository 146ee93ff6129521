"""Projects, milestones and who answers for them, made and changed in Slack or by file."""
