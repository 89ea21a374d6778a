import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configHash, experimentConfig } from '../../../src/core/config';
import { paper } from '../../../src/core/evaluation';
import { type Corpora, loadCorpora } from '../../../src/node/corpora';
import { compareProtocols } from '../../../src/node/experiment';
import { experimentFeatures } from '../../../src/node/extraction';
import { paths } from '../../../src/node/files';
import {
  checkGallery,
  galleryItems,
  galleryPages,
  makeGallery,
  pageProblems,
  refreshPage,
} from '../../../src/node/paper';
import { recordsIn } from '../../../src/node/paper/committed-predictions';
import { findRuns } from '../../../src/node/paper/figure-runs';
import { readSidecars, type Sidecar } from '../../../src/node/paper/gallery-item';
import { toneCorpus } from '../experiment/tone-corpus';

const textOf = (path: string): string => readFileSync(path, 'utf8');
const sidecarOf = (folder: string, figure: string): Sidecar =>
  JSON.parse(textOf(join(folder, `${figure}.json`))) as Sidecar;
const filesIn = (folder: string): string[] =>
  (readdirSync(folder, { recursive: true }) as string[]).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );

describe('the gallery', function () {
  this.timeout(180_000);
  let directory: string;
  let runs: string;
  let made: string;
  let corpora: Corpora;
  let skipped: Record<string, string>;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ser-gallery-'));
    runs = join(directory, 'runs');
    made = join(directory, 'made');
    toneCorpus(join(directory, 'data'));
    corpora = await loadCorpora({ root: join(directory, 'data') });
    const aged = corpora.clips.map((clip) => ({ ...clip, age: clip.speaker === 'SAVEE-DC' ? 30 : 60 }));
    corpora = { ...corpora, clips: aged };
    const config = experimentConfig('compact', {
      model: { width: 4 },
      training: { epochs: 2, batchSize: 8 },
      dataset: { folds: 2 },
      features: { versions: { original: [], noise: [{ kind: 'paperNoise' }] } },
    });
    const set = await experimentFeatures(corpora, config);
    await compareProtocols(config, ['paper-rows', 'clips', 'speakers'], { corpora, set, records: runs });
    ({ skipped } = await make(made));
  });
  after(() => rmSync(directory, { recursive: true }));

  async function make(output: string, only?: string[], folder = runs) {
    const result = await makeGallery({ output, only, runs: folder, corpora });
    return {
      ...result,
      skipped: Object.fromEntries(result.skipped.map(({ item, reason }) => [item, reason])),
    };
  }

  it('draws every item that the recordings and records allow, and gives the reason for the others', () => {
    assert.deepEqual(Object.keys(skipped), [
      'slices-sex',
      'slices-race',
      'slices-intensity',
      'slices-duration',
    ]);
    assert.match(skipped['slices-race'], /compact-[0-9a-f]{8}\.json has no scores by race/);
    for (const { name } of galleryItems) {
      const files = [`${name}.png`, `${name}.md`].filter((file) => existsSync(join(made, file)));
      assert.equal(files.length > 0, !(name in skipped), name);
    }
    assert.equal(readdirSync(recordsIn(made)).length, 3);
  });

  it('records in sidecars how each item was made and under which protocol', () => {
    const { command, seed, corpora: of, protocols, records, files } = sidecarOf(made, 'fig-9-confusion-paper-rows.png'); // prettier-ignore
    assert.equal(command, 'npm run figures -- --only fig-9-confusion-paper-rows');
    assert.equal(seed, 42);
    assert.equal(of?.source, corpora.source);
    assert.match(of.fingerprint, /^[0-9a-f]{16}$/);
    assert.deepEqual(protocols, ['paper-rows, LEAKY']);
    assert.deepEqual(records.map(({ protocol, rows }) => [protocol, rows]), [['paper-rows, LEAKY', 20]]); // prettier-ignore
    assert.deepEqual(files, ['fig-9-confusion-paper-rows.png', 'fig-9-confusion-paper-rows.plotly.json']);
    assert.equal(sidecarOf(made, 'emotion-counts.png').corpora?.fingerprint, of.fingerprint);
    assert.equal(sidecarOf(made, 'protocol-waterfall.png').records.length, 3);
    for (const file of filesIn(made)) assert.ok(!textOf(join(made, file)).includes(directory), file);
  });

  it('shows the protocol of the scores in every table', () => {
    assert.match(textOf(join(made, 'table-2-predictions-speakers.md')), /protocol: speakers \(new speakers/);
    assert.match(textOf(join(made, 'table-3-report-paper-rows.md')), /\*\*Table III.*paper-rows, LEAKY\*\*/);
    assert.match(textOf(join(made, 'protocol-waterfall.md')), /^\| paper-rows, LEAKY \| pooled \|/m);
    assert.match(textOf(join(made, 'claim-ledger.md')), /here \(paper-rows, LEAKY\) \| here \(speakers\)/);
    assert.match(
      textOf(join(made, 'results-corpora.md')),
      /; \[…\]: 95 % confidence interval over speakers; \(… to …\): range over seeds on one machine; protocol: speakers, unless the row names another; † few/,
    );
    // Four speakers are too few for a reliable interval.
    for (const name of ['results', 'results-corpora', 'protocol-waterfall', 'slices']) {
      const table = textOf(join(made, `${name}.md`));
      assert.match(
        table,
        /; † few or unknown speakers, or few clips: the interval may be far too narrow\.$/m,
      );
      assert.match(table, /^\| .* % \[[\d.]+, [\d.]+\] † \|/m);
      assert.doesNotMatch(table, /\] \|/);
    }
    // The paper's scores were not measured under this protocol.
    assert.ok(!textOf(join(made, 'table-3-report-speakers.md')).includes('paper'));
  });

  it('gives the same bytes when drawn again', async () => {
    const again = join(directory, 'again');
    await make(again);
    assert.deepEqual(filesIn(again).sort(), filesIn(made).sort());
    for (const file of filesIn(made)) {
      assert.ok(readFileSync(join(made, file)).equals(readFileSync(join(again, file))), file);
    }
  });

  it('can be drawn again from its copies of the records', async () => {
    const copy = join(directory, 'from-records');
    await make(copy, ['table-3', 'claim'], recordsIn(made));
    for (const file of ['table-3-report-speakers.csv', 'claim-ledger.md']) {
      assert.equal(textOf(join(copy, file)), textOf(join(made, file)));
    }
  });

  it('passes its check, which finds each kind of fault', async () => {
    assert.deepEqual(await checkGallery(made), []);
    const table = 'table-3-report-speakers';
    const [{ file: record }] = sidecarOf(made, `${table}.md`).records;
    const inFile = (name: string, from: RegExp, to: string) => (folder: string) => {
      const text = textOf(join(folder, name));
      const changed = text.replace(from, to);
      assert.notEqual(changed, text);
      writeFileSync(join(folder, name), changed);
    };
    const faults: [(folder: string) => void, RegExp][] = [
      [inFile(`${table}.md`, /\| 0\.\d\d \|/, '| 0.99 |'), /report-speakers\.md does not match its run records/],
      [inFile(`${table}.csv`, /angry/, 'cross'), /report-speakers\.csv does not match its run records/],
      [inFile('fig-9-confusion-speakers.plotly.json', /Confusion/, 'Clarity'), /confusion-speakers\.plotly\.json does not match/],
      [inFile(`${table}.md.json`, /"accuracy": 0\.\d/, '"accuracy": 0.99'), /"records" in its sidecar does not match its run records/],
      [inFile(`${table}.md.json`, /"protocols": \[\s*"speakers"/, '"protocols": ["clips"'), /"protocols" in its sidecar does not match its run records/],
      [inFile(`${table}.md.json`, /"figure": "table/, '"figure": "stable'), /belongs to another figure: stable/],
      [inFile(`${table}.md.json`, /\{/, ''), /table-3-report-speakers\.md\.json is not a sidecar/],
      [inFile('fig-1-pipeline.plotly.json', /Predict/, 'Guess'), /fig-1-pipeline\.plotly\.json does not match/],
      [inFile('emotion-counts.png.json', /"fingerprint": "../, '"fingerprint": "xx'), /show different recordings/],
      [inFile('emotion-counts.png.json', /"item": "emotion-counts"/, '"item": "feelings"'), /unknown item feelings/],
      [inFile(join('records', record), /"status": "finished"/, '"status":  "finished"'), /has changed since the figure was drawn/],
      [(folder) => rmSync(join(folder, 'records', record)), /is missing or not a run record/],
      [(folder) => writeFileSync(join(folder, 'records', 'old.json'), '{}'), /records\/old\.json is not used by any figure/],
      [(folder) => writeFileSync(join(folder, 'pretty.png'), ''), /^pretty\.png has no sidecar$/],
      [(folder) => rmSync(join(folder, 'slices.csv')), /slices\.md: slices\.csv is missing/],
    ]; // prettier-ignore
    for (const [change, problem] of faults) {
      const folder = mkdtempSync(join(directory, 'fault-'));
      cpSync(made, folder, { recursive: true });
      change(folder);
      assert.match((await checkGallery(folder)).join('\n'), problem);
    }
  });

  it('skips items that an old record lacks', async () => {
    const old = join(directory, 'old');
    cpSync(runs, old, { recursive: true });
    for (const file of readdirSync(old).filter((name) => name.endsWith('.json'))) {
      const { slices, predictions, ...record } = JSON.parse(textOf(join(old, file))) as Record<
        string,
        unknown
      >;
      assert.ok(slices && predictions);
      delete (record.figures as { first: { rows?: unknown } }).first.rows;
      writeFileSync(join(old, file), JSON.stringify(record));
    }
    const { skipped: missing } = await make(join(directory, 'less'), ['table-2', 'slices', 'fig-9'], old);
    assert.match(
      missing['table-2-predictions-speakers'],
      /written by an older version and has no first test rows/,
    );
    assert.match(missing.slices, /has no scores by group/);
    assert.ok(!('fig-9-confusion-speakers' in missing));
  });

  it('removes records that no figure shows any more', async () => {
    const folder = join(directory, 'fewer');
    cpSync(made, folder, { recursive: true });
    // the only items that show the run under `clips`
    for (const name of readdirSync(folder).filter((file) =>
      /^(protocol-waterfall|headline|results)\./.test(file),
    )) {
      rmSync(join(folder, name));
    }
    await make(folder, ['fig-9']);
    assert.equal(readdirSync(recordsIn(folder)).length, 2);
  });

  it('updates the tables in a page, and reports a page with other tables', async () => {
    const page = join(directory, 'page.md');
    const marked = (text: string) => `<!-- figures/results.md -->\n${text}<!-- /figures/results.md -->\n`;
    const other = '<!-- figures/none.md -->\nas it was\n<!-- /figures/none.md -->\n';
    writeFileSync(page, `# Title\n\n${marked('')}\n${other}`);
    assert.match((await pageProblems(page, made)).join(), /^page\.md: its tables differ from those in made/);
    assert.equal(await refreshPage(page, made), true);
    const table = textOf(join(made, 'results.md'));
    assert.equal(
      textOf(page),
      `# Title\n\n${marked(`<!-- prettier-ignore-start -->\n\n${table}\n<!-- prettier-ignore-end -->\n`)}\n${other}`,
    );
    assert.match(table, /^\| paper-rows, LEAKY \| the paper \| 96 % \|/m);
    assert.match(
      table,
      /^\| speakers \| here, `compact`, versions original, noise, width 4, 2 epochs, `training.batchSize=8` \| [\d.]+ % \[/m,
    );
    assert.equal(await refreshPage(page, made), false);
    assert.deepEqual(await pageProblems(page, made), []);
  });

  it('rejects synthetic data in figures/, and unknown items', async () => {
    const demo = { ...corpora, synthetic: true };
    await assert.rejects(
      makeGallery({ corpora: demo, only: ['emotion-counts'] }),
      /figures\/ shows real recordings, but only the synthetic demo corpus is available/,
    );
    await assert.rejects(make(directory, ['fig-99']), /--only must be a prefix of one of fig-1-pipeline/);
  });
});

describe('the committed figures', function () {
  this.timeout(60_000);

  it('agree with their sidecars and records', async () => {
    assert.deepEqual(await checkGallery(paths.figures), []);
    for (const page of galleryPages) assert.deepEqual(await pageProblems(page, paths.figures), []);
  });

  it('have unchanged config hashes', async () => {
    const runs = await findRuns([recordsIn(paths.figures)]);
    assert.ok(runs.length > 10);
    for (const { file, config, hash } of runs) assert.equal(configHash(config), hash, file);
  });

  it('are small files', () => {
    const bytesOf = (files: string[]): number =>
      files.reduce((sum, file) => sum + statSync(join(paths.figures, file)).size, 0);
    const records = filesIn(paths.figures).filter((file) => file.startsWith('records'));
    // checkGallery limits the size of the predictions.
    const shown = filesIn(paths.figures).filter((file) => !/^(records|predictions)/.test(file));
    assert.ok(records.length > 0 && bytesOf(records) < 3e6);
    assert.ok(bytesOf(shown) < 1e6);
  });

  it('count the same clips as the paper', function () {
    const path = join(paths.figures, 'table-1-instances.csv');
    if (!existsSync(path)) this.skip();
    const [heading, ...lines] = textOf(path).trim().split('\n').map((line) => line.split(',')); // prettier-ignore
    const pooled = lines.find(([corpus]) => corpus === 'pooled') ?? [];
    for (const [emotion, clips] of Object.entries(paper.clips!)) {
      assert.equal(pooled[heading.indexOf(emotion)], String(clips));
    }
  });

  it('include every item', async () => {
    const { sidecars } = await readSidecars(paths.figures);
    const items = sidecars.flatMap(({ item }) => item ?? []);
    assert.deepEqual(items.toSorted(), galleryItems.map(({ name }) => name).toSorted());
  });
});
