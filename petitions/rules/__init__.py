"""The arithmetic of petitions, split by noun: ladders, periods, cells, signing, countries. Plain Python, no Django."""
