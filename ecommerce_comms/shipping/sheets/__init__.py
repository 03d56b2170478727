"""Set-up by the sheet: zones, times and prices, pick-up points and closed days as CSV, in and out."""
