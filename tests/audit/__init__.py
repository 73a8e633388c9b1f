"""Third-party linters and scanners: of sources, image, running stack and locked packages."""
