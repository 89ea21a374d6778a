import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { ZipFile } from 'yazl';
import { toneCorpus } from '../node/experiment/tone-corpus';
import type { Checkout } from './checkout';

/** One kind of work that is killed. */
export interface Kind {
  /** creates the inputs of the work */
  prepare: (checkout: Checkout) => Promise<void> | void;
  /** removes the outputs of earlier runs */
  reset: (checkout: Checkout) => void;
  /** variants of the command line; each has its own undisturbed run to compare with */
  variants: readonly (readonly string[])[];
  env?: (checkout: Checkout) => Record<string, string>;
  /** the result of the work, without times */
  result: (checkout: Checkout) => string;
  /** whether part of the work was completed and saved, so that another run does it again */
  isSaved?: (checkout: Checkout) => boolean;
  /** a process that reads the result while the work is killed; it ends when the file `stop` exists, and then writes the file `output` */
  reader?: (checkout: Checkout, stop: string, output: string) => string[];
  close?: () => void;
}

const tsx = ['--require', require.resolve('tsx/cjs')];
const child = [...tsx, 'test/crash/child.ts'];
const settings = (values: Record<string, string | number>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
const tiny = [
  ...['--preset', 'quick'],
  ...settings({
    'model.width': 4,
    'training.batchSize': 8,
    'training.epochs': 12,
    'dataset.validationShare': 0.5,
  }),
  ...settings({ 'dataset.folds': 2, 'dataset.fold': 'all' }),
];
const remove = (checkout: Checkout, ...names: string[]): void => {
  for (const name of names) rmSync(checkout.path(name), { recursive: true, force: true });
};
const withTones = (checkout: Checkout): Record<string, string> => ({ SER_DATA: checkout.path('corpora') });

/** The run records without times, and the models; sorted, because their names contain times. */
function recordsOf(checkout: Checkout): string[] {
  const files = checkout.files('runs').filter((file) => /^runs\/[^/]+\.json$/.test(file));
  return files
    .map((file) => {
      const record = JSON.parse(readFileSync(checkout.path(file), 'utf8')) as Record<string, unknown>;
      const plain = JSON.stringify(
        { ...record, started: '', seconds: 0, environment: 0 },
        // The name of the file with the predictions contains the time.
        (key, value: unknown) => (key === 'seconds' || key === 'file' ? 0 : value),
      );
      const folder = file.replace(/\.json$/, '');
      const { sha256 } = (record.predictions ?? {}) as { sha256?: string };
      const stored = checkout.path(`${folder}.predictions.parquet`);
      const found = existsSync(stored)
        ? createHash('sha256').update(readFileSync(stored)).digest('hex')
        : undefined;
      const predictions = found === sha256 ? 'predictions intact' : 'predictions damaged or missing';
      const models = checkout.files(folder);
      const hash = createHash('sha256');
      for (const model of models) {
        // The inventory contains the hash of the card, and the card contains the date.
        if (model.endsWith('bundle.json')) continue;
        const text = readFileSync(checkout.path(model), 'latin1')
          .replace(/"date":\s*"[^"]*"/, '')
          // Layers are numbered in the order in which a process created them.
          .replace(/(_[A-Z][A-Za-z0-9]*?|input)\d+(?=["/])/g, '$1');
        hash.update(model.slice(folder.length)).update(text, 'latin1');
      }
      const ofRecord = createHash('sha256').update(plain).digest('hex').slice(0, 8);
      return `${String(record.status)} ${ofRecord}, ${predictions}, ${models.length} files of models ${hash.digest('hex').slice(0, 8)}`;
    })
    .sort();
}

/** Models and predictions without a record, for example of a run that was killed while it was saved. */
function orphans(checkout: Checkout): string[] {
  const files = checkout.files('runs');
  const folders = files.flatMap(
    (file) => /^(runs\/\d{4}[^/]*?)(?:\/|\.predictions\.parquet$)/.exec(file)?.[1] ?? [],
  );
  return [...new Set(folders)].filter((folder) => !files.includes(`${folder}.json`));
}

/** The result of runs, without the records of interrupted runs, which a clean stop leaves; the next run has its own record. */
const savesRuns = (checkout: Checkout): string =>
  [
    ...recordsOf(checkout).filter((record) => !record.startsWith('interrupted')),
    ...orphans(checkout).map((folder) => `without a record: ${folder}`),
  ].join('\n');

const train: Kind = {
  prepare: (checkout) => {
    toneCorpus(checkout.path('corpora'));
  },
  reset: (checkout) => {
    remove(checkout, 'runs');
  },
  variants: [
    [...['dist/cli/train.js'], ...tiny],
    [...['dist/cli/train.js'], ...tiny, '--workers', '2'],
    [...['dist/cli/evaluate.js'], ...tiny, '--save', '--seeds', '1,2'],
  ],
  env: withTones,
  result: savesRuns,
  // With the note saving.json in the checkpoints, the next run writes no second record.
  isSaved: (checkout) => {
    const ofRuns = recordsOf(checkout).filter((record) => record.startsWith('finished'));
    const notes = checkout.files('runs', 'checkpoints').filter((file) => /\/\w+\/saving\.json$/.test(file));
    return ofRuns.length > notes.length + (ofRuns.length > 2 ? 1 : 0);
  },
};

const sweep: Kind = {
  ...train,
  variants: [
    ['dist/cli/sweep.js', ...tiny, '--space', 'model.width=2,4', '--method', 'grid', '--workers', '2'],
  ],
  result: (checkout) => {
    const logs = checkout.files('runs', 'sweeps').filter((file) => file.endsWith('.jsonl'));
    const trials = logs.flatMap((file) =>
      readFileSync(checkout.path(file), 'utf8')
        .trim()
        .split('\n')
        .flatMap((line) => {
          try {
            const { hash, status, score } = JSON.parse(line) as Record<string, unknown>;
            return [JSON.stringify({ hash, status, score })];
          } catch {
            return []; // cut off by a kill
          }
        }),
    );
    return [...trials.sort(), savesRuns(checkout)].join('\n');
  },
  isSaved: () => false, // a finished sweep only reads its log
};

const extract: Kind = {
  prepare: (checkout) => {
    toneCorpus(checkout.path('corpora'), 9);
    mkdirSync(checkout.path('out'));
  },
  reset: (checkout) => {
    remove(checkout, 'data/cache', 'out');
    mkdirSync(checkout.path('out'));
  },
  variants: [[...child, 'extract', 'corpora', 'out/hash']],
  result: (checkout) => checkout.hash(checkout.files('out')),
};

let server: Server | undefined;

const download: Kind = {
  prepare: async (checkout) => {
    const clips = Array.from({ length: 12 }, (_, i) => {
      const bytes = Buffer.concat(
        Array.from({ length: 1000 }, (_, k) => createHash('sha256').update(`${i} ${k}`).digest()),
      );
      return { path: `savee/ALL/DC_a${String(i + 1).padStart(2, '0')}.wav`, bytes };
    });
    const manifest = clips.map(({ path, bytes }) => ({
      path,
      sampleRate: 44_100,
      channels: 1,
      frames: bytes.length / 2,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }));
    writeFileSync(checkout.path('manifest.json'), JSON.stringify(manifest));
    const zip = new ZipFile();
    for (const { path, bytes } of clips) zip.addBuffer(bytes, path.replace('savee/', ''));
    zip.end();
    const archive = await buffer(zip.outputStream);
    server = createServer((request, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = { 'content-range': `bytes ${start}-${archive.length - 1}/${archive.length}` };
      const headers = { 'content-length': archive.length - start, etag: '"1"', ...(start > 0 && range) };
      response.writeHead(start > 0 ? 206 : 200, headers);
      void (async () => {
        for (let at = start; at < archive.length && !response.destroyed; at += 16_384) {
          response.write(archive.subarray(at, at + 16_384));
          await setTimeout(20);
        }
        response.end();
      })();
    });
    await new Promise<void>((listening) => server!.listen(0, '127.0.0.1', listening));
  },
  reset: (checkout) => {
    remove(checkout, 'data/corpora');
  },
  variants: [[...child, 'download', 'data/corpora']],
  env: () => ({ SER_CRASH_URL: `http://127.0.0.1:${(server!.address() as AddressInfo).port}/a.zip` }),
  result: (checkout) => checkout.hash(checkout.files('data', 'corpora')),
  close: () => {
    server?.closeAllConnections();
    server?.close();
  },
};

const model: Kind = {
  prepare: (checkout) => {
    mkdirSync(checkout.path('out'));
  },
  reset: (checkout) => {
    remove(checkout, 'models', 'out');
    mkdirSync(checkout.path('out'));
  },
  variants: [[...child, 'replace-models', 'models/one', '30']],
  result: (checkout) => checkout.hash(checkout.files('models')),
  reader: (_, stop, output) => [...child, 'read-models', 'models/one', 'models', stop, output],
};

const start: Kind = {
  prepare: () => undefined,
  reset: (checkout) => {
    remove(checkout, 'runs', 'data/demo', 'data/cache');
  },
  variants: [['dist/cli/start.js', '01']],
  result: (checkout) => {
    const pages = checkout.files('runs', 'latest').map((file) => file.replace('runs/latest/', ''));
    const index = existsSync(checkout.path('runs/latest/index.html'))
      ? readFileSync(checkout.path('runs/latest/index.html'), 'utf8')
      : '';
    const hasFailed = /stopped early|failed:/i.test(index);
    return `${pages.join(', ')}${hasFailed ? ' FAILED' : ''}; demo corpus ${checkout.hash(checkout.files('data', 'demo'))}`;
  },
};

export const kinds = { extract, train, sweep, download, model, start } as const satisfies Record<
  string,
  Kind
>;
