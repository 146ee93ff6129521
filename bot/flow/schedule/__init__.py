"""When who is asked: the plan of a quarter, and what is due of it now."""
