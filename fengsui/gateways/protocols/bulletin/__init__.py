"""Free text pasted from a bulletin, a message group or a web page."""
