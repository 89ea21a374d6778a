import { runNotebook } from '../../src/notebook';

// A process of its own that runs one notebook, so that a test can end it from outside.
void runNotebook(process.argv[2]);
