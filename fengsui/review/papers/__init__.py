"""Papers: what leaves the screen: lists, cards for a group, reports, reviews, inquiries."""
