"""What Sparkles is measured by; each module is one command, and RESULTS.md has the figures."""
