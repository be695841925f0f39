"""
What the site's work costs, beside limits of the same machine measured in the same run: `./run bench`.

Every row of the table is a module in bench/rows; all of them have one interface, bench.row.Row. Nothing here is imported
by the site.
"""
