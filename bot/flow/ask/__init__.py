"""What people are sent while answers are gathered, and all that they say to it short of an answer."""
