"""Chat models as judges: what they are asked, and how a reply is read."""
