/** Elements that run, load or play something, a bar that only moves while a cell runs, and data inside an address. */
const alive =
  /<(script|iframe|object|embed|audio|video|source|link|progress)\b|\bdata:[\w.+-]+\/|<[^>]*\son\w+\s*=/i;

/** Does HTML show the same everywhere, with nothing to run, to load or to play? */
export function isStaticHtml(html: string): boolean {
  return !alive.test(html);
}
