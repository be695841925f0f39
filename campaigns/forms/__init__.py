"""From what was typed or linked to dates, units and drafts."""
