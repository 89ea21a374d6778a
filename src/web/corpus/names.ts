/**
 * The form in which names are compared: without differences of letter case, accents' encoding and compatibility characters. File
 * systems differ in what they distinguish; names with different keys are different on all of them.
 */
export const nameKey = (name: string): string => name.normalize('NFKC').toLowerCase().normalize('NFC');

/** Names that Windows reserves for devices. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)$/i;

/**
 * Text as a part of a file name that is safe on all systems: letters and digits of any script, joined by hyphens.
 *
 * @param longest - maximum length in bytes of UTF-8
 * @param fallback - used if the text has no letter or digit
 * @example
 * ```ts
 * fileNamePart('Zoë: “what?”'); // 'Zoë-what'
 * ```
 */
export function fileNamePart(
  text: string,
  { longest = 60, fallback = 'unnamed' }: { longest?: number; fallback?: string } = {},
): string {
  const safe = text.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '-');
  const encoder = new TextEncoder();
  let [part, bytes] = ['', 0];
  for (const character of safe.replace(/^[-\p{M}]+/u, '')) {
    bytes += encoder.encode(character).length;
    if (bytes > longest) break;
    part += character;
  }
  part = part.replace(/-+$/, '') || fallback;
  return deviceName.test(part) ? `${part}_` : part;
}

/** The folder of a corpus in an archive, which becomes its name in the workbench. */
export const corpusFolder = (name: string): string =>
  fileNamePart(name, { longest: 80, fallback: 'own-recordings' });

/**
 * A name that is not taken: the name itself, or with a number before its extension.
 *
 * @param taken - keys ({@link nameKey}) of the names in use; the new one is added
 */
export function uniqueName(name: string, taken: Set<string>): string {
  const [, stem, extension] = /^(.*?)(\.[^./]*)?$/.exec(name)!;
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${stem}-${number}${(extension as string | undefined) ?? ''}`;
    const key = nameKey(candidate);
    if (taken.has(key)) continue;
    taken.add(key);
    return candidate;
  }
}
