"""Plans and executes: samples in, outcomes out. It saves nothing; what it needs kept it hands to the ports."""
