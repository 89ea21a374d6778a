import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';
import type { Random } from '../../../src/core/base';
import { downloadCorpus } from '../../../src/node/corpora';
import { archiveEntries } from '../../../src/node/corpora/download/archive';
import { defaultLimits } from '../../../src/node/corpora/download/options';
import type { FuzzTarget } from '../target';

const limits = {
  ...defaultLimits,
  attempts: 1,
  maxEntries: 60,
  maxEntryBytes: 3 * 2 ** 20,
  maxTotalBytes: 6 * 2 ** 20,
};

/** Names of equal length, so that they can be replaced in a finished archive: yazl refuses to write unsafe names. */
const placeholder = 'savee/ALL/PLACEHOLDER.wav';
const unsafeNames = [
  '../',
  '../../',
  '/',
  'C:/',
  'C:\\',
  '\\\\server\\',
  './',
  'a/../../',
  'con',
  '__proto__/',
  '\0',
  '\u001b[2J',
  'savee/../../',
  '//',
].map((start) => start.padEnd(placeholder.length, 'x').slice(0, placeholder.length));

export const target: FuzzTarget = {
  summary: 'Reads hostile and damaged ZIP archives, and installs them as a download.',
  run: async (random, folder) => {
    const clips = new Map(
      Array.from({ length: 3 }, (_, i) => {
        const bytes = Buffer.from(Array.from({ length: 50 }, () => random.integer(256)));
        return [`savee/ALL/DC_a0${i + 1}.wav`, bytes];
      }),
    );
    const { bytes, description } = await hostileArchive(random, clips);
    const archive = join(folder, 'archive.zip');
    writeFileSync(archive, bytes);

    const data = join(folder, 'data');
    mkdirSync(data);
    if (random.uniform() < 0.5) {
      await read(archive, join(data, 'out'));
      return description;
    }
    const manifest = [...clips].map(([path, content]) => ({
      path,
      sampleRate: 8000,
      channels: 1,
      frames: 1,
      sha256: createHash('sha256').update(content).digest('hex'),
    }));
    const report = await downloadCorpus('SAVEE', {
      directory: data,
      manifest,
      sideFiles: [],
      limits,
      sources: [{ kind: 'archive', name: 'test', url: 'https://example.org/archive.zip' }],
      fetch: () => Promise.resolve(new Response(new Uint8Array(bytes))),
    });
    assert.equal(report.status, 'downloaded');
    const installed = readdirSync(data, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(data, path)).isFile())
      .map((path) => path.split(sep).join('/'));
    assert.deepEqual(installed.sort(), [...clips.keys()].sort(), description);
    return description;
  },
};

/** Reads all entries; each must be in the folder, and all must be within the limits. */
async function read(archive: string, out: string): Promise<void> {
  let total = 0;
  let count = 0;
  for await (const entry of archiveEntries(archive, limits)) {
    const path = resolve(out, entry.name);
    assert.ok(path.startsWith(out + sep), `${JSON.stringify(entry.name)} leads out of the folder`);
    assert.ok(!/\\|^[a-z]:/i.test(entry.name), `${JSON.stringify(entry.name)} is a Windows path`);
    assert.ok(!entry.name.includes('\0'), 'NUL in a name');
    total += entry.bytes.length;
    count++;
    assert.ok(entry.bytes.length <= limits.maxEntryBytes && total <= limits.maxTotalBytes);
    assert.ok(entry.number === count && count <= entry.count && entry.count <= limits.maxEntries);
  }
}

async function hostileArchive(
  random: Random,
  clips: ReadonlyMap<string, Buffer>,
): Promise<{ bytes: Buffer; description: string }> {
  const kinds = [
    'valid',
    'unsafe name',
    'link',
    'bomb',
    'many entries',
    'duplicates',
    'encrypted',
    'sizes',
    'count',
    'method',
    'flipped bytes',
    'truncated',
    'noise',
    'nested',
  ] as const;
  const kind = random.pick(kinds);
  if (kind === 'noise') {
    const noise = Buffer.from(Array.from({ length: random.integer(2000) }, () => random.integer(256)));
    return { bytes: noise, description: kind };
  }
  const zip = new ZipFile();
  const compress = random.uniform() < 0.5;
  const add = (name: string, content: Buffer, mode = 0o100644): void =>
    zip.addBuffer(content, name, { mode, compress });
  const folder = random.pick(['', 'top/', 'top/__proto__/']);
  for (const [path, content] of clips) add(folder + path, content);
  if (kind === 'duplicates') for (const [path, content] of clips) add(folder + path, content);
  if (kind === 'unsafe name') add(placeholder, Buffer.from('x'));
  if (kind === 'link')
    add('link', Buffer.from('/etc/passwd'), random.pick([0o120777, 0o010644, 0o020644, 0o060644]));
  if (kind === 'bomb') {
    zip.addBuffer(Buffer.alloc(random.pick([2 ** 20, 4 * 2 ** 20, 8 * 2 ** 20])), 'zeros', {
      compress: true,
    });
  }
  if (kind === 'many entries') for (let i = 0; i < 100; i++) add(`${i}.txt`, Buffer.alloc(0));
  zip.end(kind === 'valid' && random.uniform() < 0.3 ? { forceZip64Format: true, comment: '' } : undefined);
  let bytes = await buffer(zip.outputStream);
  if (kind === 'nested') bytes = Buffer.concat([bytes, bytes]);

  const central = bytes.indexOf('PK\x01\x02', 0, 'latin1');
  const local = 0;
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const number = random.pick([0, 1, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, random.integer(2 ** 31)]);
  let detail = '';
  switch (kind) {
    case 'unsafe name': {
      detail = random.pick(unsafeNames);
      const from = Buffer.from(placeholder);
      const to = Buffer.from(detail, 'latin1');
      for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) to.copy(bytes, at);
      break;
    }
    case 'encrypted':
      bytes.writeUInt16LE(bytes.readUInt16LE(central + 8) | 1, central + 8);
      break;
    case 'sizes': {
      // compressed size, uncompressed size, offset of the local header; in the central directory or the local header
      const field = random.pick([
        central + 16,
        central + 20,
        central + 24,
        central + 42,
        local + 18,
        local + 22,
      ]);
      bytes.writeUInt32LE(number >>> 0, field);
      detail = `${field} = ${number}`;
      break;
    }
    case 'count': {
      const field = random.pick([end + 8, end + 10, end + 20, central + 28, central + 30, local + 26]);
      bytes.writeUInt16LE(number & 0xffff, field);
      detail = `${field} = ${number & 0xffff}`;
      break;
    }
    case 'method':
      bytes.writeUInt16LE(random.pick([1, 9, 12, 14, 95, 99, 0xffff]), central + 10);
      break;
    case 'flipped bytes':
      for (let i = 0; i <= random.integer(8); i++) bytes[random.integer(bytes.length)] = random.integer(256);
      break;
    case 'truncated':
      bytes = bytes.subarray(0, random.integer(bytes.length));
      break;
    default:
  }
  return { bytes, description: `${kind} ${JSON.stringify(detail)}` };
}
