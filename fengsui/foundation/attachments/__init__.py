"""Attachments: pictures and papers, kept by what they contain."""
