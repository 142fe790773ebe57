"""What the program does, without a face: verbs, jobs, session, recipes. The window and the CLI both call it."""
