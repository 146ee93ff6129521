"""Files in, plain values out; every mistake is named at once, with its line."""
