"""How people meet: invites, signalling by a broker, presence, peers; media goes from page to page, or is relayed."""
