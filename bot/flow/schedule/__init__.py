"""Who is asked when: the plan of a quarter, and what is due of it now."""
