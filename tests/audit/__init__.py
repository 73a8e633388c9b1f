"""Judges that are not ours, over the sources, the image, a running stack and the locked packages."""
