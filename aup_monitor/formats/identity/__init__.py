"""Logs that say who held an address: leases of DHCP servers, and log-ons to the network."""
