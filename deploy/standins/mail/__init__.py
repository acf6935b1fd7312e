"""Stand-in for the hospital's mail server: takes mail by SMTP, keeps it, shows it as text.

Owns: the mails (in memory, and in a maildir) and how each mailbox behaves. It delivers to nobody.
A mail is answered with 250 only when it is kept.
"""
