"""What the guest's pages of rooms show: cards, applied filters, days of the calendar, the price box."""
