/** Version of the demo corpus: raise it with every change that alters a clip, so that made corpora are made anew. */
export const demoVersion = 2;
