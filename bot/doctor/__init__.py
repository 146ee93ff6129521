"""Doctor: everything that could keep the bot from working, looked at before anybody is written to, each with its mend."""
