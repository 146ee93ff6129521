"""What an operator asks of a running bot: health, readiness and figures, over the web server shared with Slack's HTTP mode."""
