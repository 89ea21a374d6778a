import type { Random } from '../../src/core/base';

/** Text that often breaks programs: markup, control characters, names of prototype properties, very long words. */
export const hostileTexts: readonly string[] = [
  '',
  '<script>alert(1)</script>',
  '</script><script>alert(2)//',
  '<img src=x onerror=alert(3)>',
  '<b>bold</b> & "quoted" | `code`',
  '\u0000\u0001\u000b\u001b[31m\u001b]8;;http://x\u0007\ufffe\ud800\u202e\n\r\n',
  '__proto__',
  'constructor',
  'toString',
  '%{x} $a^2$ ${a}',
  'a'.repeat(5000),
  '🙂'.repeat(200),
  '../../../etc/passwd',
  'NaN',
];

const hostileNumbers: readonly number[] = [
  ...[0, -0, 1, -1, 0.5, 1e9, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, -1e300, 5e-324],
];

/** Any JSON value, mostly of a wrong type. */
export function hostileValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => random.pick([true, false]),
    () => random.pick(hostileNumbers),
    () => random.pick(hostileTexts),
    () => [],
    () => ({}),
    () => [null, [[]], { a: null }],
    () => JSON.parse('{"__proto__": {"splits": []}, "constructor": 1}') as unknown,
    () => Array.from({ length: 2000 }, (_, i) => i),
  ])();
}

/**
 * Changes a JSON value in one to four places, in place: another value, a property removed, renamed or doubled.
 *
 * @returns what was changed
 */
export function mutateJson(root: object, random: Random): string {
  const changes: string[] = [];
  for (let count = 1 + random.integer(4); count > 0; count--) changes.push(mutateOnce(root, random));
  return changes.join('; ');
}

function mutateOnce(root: object, random: Random): string {
  let parent = root as Record<string, unknown>;
  const path: string[] = [];
  for (;;) {
    const keys = Object.keys(parent);
    if (keys.length === 0) return 'nothing';
    const key = random.pick(keys);
    path.push(key);
    const value = parent[key];
    const isLeaf = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
    if (!isLeaf && random.uniform() < 0.8) {
      parent = value as Record<string, unknown>;
      continue;
    }
    const where = path.join('.').slice(0, 200);
    switch (random.integer(6)) {
      case 0:
        if (Array.isArray(parent)) parent.splice(Number(key), 1);
        else Reflect.deleteProperty(parent, key);
        return `without ${where}`;
      case 1:
        Object.defineProperty(parent, random.pick(hostileTexts), {
          ...{ value, enumerable: true, configurable: true, writable: true },
        });
        return `${where} copied to another name`;
      default: {
        const next = hostileValue(random);
        parent[key] = next;
        return `${where} = ${JSON.stringify(next).slice(0, 60)}`;
      }
    }
  }
}

/** The text of a mutated value: sometimes cut off, not JSON at all, or deeply nested. */
export function mutatedText(value: unknown, random: Random): string {
  const text = JSON.stringify(value);
  const at = random.integer(text.length + 1);
  switch (random.integer(20)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + random.pick(hostileTexts) + text.slice(at);
    case 2:
      return `${'['.repeat(random.integer(100_000))}${text}`;
    default:
      return text;
  }
}
