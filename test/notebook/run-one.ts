import { runNotebook } from '../../src/notebook';

// Runs one notebook in its own process, so that a test can end it.
void runNotebook(process.argv[2]);
