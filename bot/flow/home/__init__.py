"""What each person finds whenever they open the bot."""
