"""The five verbs, schedule, ask, collect, compile and publish, and what belongs to them. Plain values in and out."""
