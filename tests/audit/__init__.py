"""Judges that are not ours: of the sources, the image, a running stack and locked packages."""
