"""Password hashing as in production (PBKDF2, SHA-256), with too few rounds for production."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    iterations = 1000
