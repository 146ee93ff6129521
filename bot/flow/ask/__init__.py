"""What people are sent while answers are gathered, and what they say to it but no answer."""
