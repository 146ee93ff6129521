"""What leaders read: posts, their threads, and the full report."""
