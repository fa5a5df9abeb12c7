"""What the guest's pages of reservations show: the timeline, how things stand, the words of a declined card."""
