"""Local models: a folder that is trusted file by file, and the engines that run what is in it."""
