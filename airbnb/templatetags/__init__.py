"""Tags and filters of every page: sums, days, icons and words in the reader's language."""
