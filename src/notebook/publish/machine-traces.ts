/**
 * A path from the root of a disk: two names at least, after what is no address, closing tag, fraction or relative path.
 * The first names are those that systems use, since text has slashes of its own.
 */
const absolutePath =
  /(?<![\w./~:…-])\/(?:home|Users|root|tmp|var|private|mnt|media|opt|usr|srv|work|data|etc|Volumes|run|proc|dev|content|workspace)\/[\w.@~+-]+|file:\/\/\S+|\b[A-Za-z]:\\\w[^\s"]*|\\\\\w[\w.-]*\\\w+/g;

/**
 * What a text tells of the machine that it was made on.
 *
 * @param names - words of this machine that must not be read in it: its name, its user's, its folders
 * @returns each path or name found, once
 */
export function machineTraces(text: string, names: readonly string[] = []): string[] {
  const found = [...text.matchAll(absolutePath)].map(([path]) => path);
  return [...new Set([...found, ...names.filter((name) => isNamed(text, name))])];
}

/** As a whole word or path, not as a part of another. */
function isNamed(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/\w/.test(text.charAt(at - 1) + text.charAt(at + name.length))) return true;
  }
  return false;
}
