"""Reviews: what guests and hosts say about a completed stay, blind to each other until both have spoken."""
