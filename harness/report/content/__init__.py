"""What the report's page is made from: frozen records, and their JSON."""
