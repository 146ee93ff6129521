"""What those need who keep the bot running: the trail, figures, and forgetting."""
