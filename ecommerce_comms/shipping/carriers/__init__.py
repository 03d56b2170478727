"""What carriers tell about parcels: from webhook, file, question or a merchant's hand to tracking, events and evidence for promises."""
