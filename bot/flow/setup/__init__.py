"""Projects, milestones and who answers for them, made and changed in Slack."""
