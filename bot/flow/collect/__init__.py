"""What comes back: dialogs, drafts, files and trackers."""
