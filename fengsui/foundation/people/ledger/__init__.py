"""The ledgers of people: the contact list, posts, who holds them, contact points, households."""

from __future__ import annotations

from fengsui.foundation.ledgers.rules import Ledger
from fengsui.foundation.people.ledger.contact_list import PERSONS
from fengsui.foundation.people.ledger.households import HOUSEHOLDS
from fengsui.foundation.people.ledger.posts import CONTACTS, HOLDINGS, POSTS

LEDGERS: tuple[Ledger, ...] = (PERSONS, POSTS, HOLDINGS, CONTACTS, HOUSEHOLDS)
