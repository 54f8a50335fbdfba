"""The tree of nodes: certificates, enrolment, revocation, witnesses."""
