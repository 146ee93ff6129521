"""A report value in; Markdown, JSON, CSV, PDF, Word and charts out. Knows neither Slack nor the database nor the clock."""
