"""Pure: reading a 接龙, the figures of a review, the numbers of a report, tokens, signatures."""
