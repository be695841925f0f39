"""The arithmetic of campaigns: dates of uncertain precision, periods, scales and marks. Plain Python, no Django."""
