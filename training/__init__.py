"""Training of TexGAN's networks: one script, visible loops, resumable to the step."""
