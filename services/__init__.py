"""What at least two packages share: clients of the services outside, inbox and outbox."""
