"""Tags of the pages that show rooms."""
