import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { markdownTable } from '../../../src/core/base';
import {
  figureJson,
  runComparisonFigure,
  slicesFigure,
  trainingCurvesFigure,
} from '../../../src/core/figures';
import { recordTable } from '../../../src/cli/output';
import { tableBundle } from '../../../src/notebook/table';
import { paths } from '../../../src/node/files';
import { readSidecars } from '../../../src/node/paper/gallery-item';
import { findRuns, newestRuns } from '../../../src/node/paper/figure-runs';
import { galleryItems } from '../../../src/node/paper';
import {
  formatSkippedRecords,
  readRunRecords,
  recordSource,
  runCurves,
  runTable,
} from '../../../src/node/runs';
import { readTrialLog, sweepTable, sweepCoordinates } from '../../../src/node/sweep/trials';
import type { FuzzTarget } from '../target';
import { mutatedText, mutateJson } from '../mutate-json';

const published = readdirSync(join(paths.figures, 'records')).sort();
/** One published record of each kind: which ones are published changes with the figures. */
const names = [
  /\d-compact-[0-9a-f]+\.json$/,
  /\d-paper-fast-[0-9a-f]+\.json$/,
  /-ensemble-[0-9a-f]+\.json$/,
].map((kind) => {
  const name = published.find((file) => kind.test(file));
  assert.ok(name !== undefined, `no published record matches ${kind}`);
  return name;
});
const texts = names.map((name) => readFileSync(join(paths.figures, 'records', name), 'utf8'));
const sidecar = readFileSync(join(paths.figures, 'fig-9-confusion-speakers.png.json'), 'utf8');
const trial = {
  ...{ hash: 'ab12', values: { 'model.width': 64 }, epochs: 3, seconds: 1.5, status: 'finished', score: 0.5 },
  run: 'a.json',
};

export const target: FuzzTarget = {
  summary: 'Damages run records, sidecars and sweep logs, then lists, compares and draws the runs.',
  run: async (random, folder) => {
    const which = random.integer(texts.length);
    const record = JSON.parse(texts[which]) as object;
    const change = mutateJson(record, random);
    mkdirSync(join(folder, 'runs'));
    writeFileSync(join(folder, 'runs', 'damaged.json'), mutatedText(record, random));
    writeFileSync(join(folder, 'runs', 'intact.json'), texts[0]);
    if (random.uniform() < 0.1) mkdirSync(join(folder, 'runs', 'folder.json'));
    const { records, skipped } = await readRunRecords(join(folder, 'runs'));
    assert.ok(
      records.some(({ file }) => file === 'intact.json'),
      'the intact record was skipped',
    );
    assert.ok(!/[\u0000-\u0009\u000b-\u001f]/.test(formatSkippedRecords(skipped))); // eslint-disable-line no-control-regex
    const table = runTable(records);
    recordTable(table);
    tableBundle(table);
    for (const { data, config } of records) if (data) recordSource({ data, config });
    const scored = records.flatMap(({ file, report }) => (report ? [{ name: file, report }] : []));
    drawn(() => figureJson(runComparisonFigure(scored, { source: 'x' })));
    for (const { slices = [] } of records) {
      for (const one of slices) drawn(() => figureJson(slicesFigure(one, { source: 'x' })));
    }
    const curves = runCurves(records);
    const { report } = scored[0];
    if (curves.length > 0)
      drawn(() => figureJson(trainingCurvesFigure(curves, { source: 'x', protocol: report })));
    const runs = await findRuns([join(folder, 'runs')]);
    newestRuns(runs);
    for (const run of runs) {
      for (const item of galleryItems) if (item.from === 'runs') drawn(() => item.draw([run]));
    }

    const facts = JSON.parse(sidecar) as object;
    mutateJson(facts, random);
    writeFileSync(join(folder, 'fig-9-confusion-speakers.png.json'), mutatedText(facts, random));
    const { sidecars } = await readSidecars(folder);
    for (const one of sidecars) markdownTable([one.files, one.records.map(({ file }) => file)]);

    const line = structuredClone(trial);
    mutateJson(line, random);
    writeFileSync(join(folder, 'log.jsonl'), `${JSON.stringify(trial)}\n${mutatedText(line, random)}\n`);
    const trials = [...(await readTrialLog(join(folder, 'log.jsonl'))).values()];
    assert.ok(trials.length > 0);
    const space = { 'model.width': [64] };
    recordTable(sweepTable({ space, trials }));
    sweepCoordinates({ space, trials });
    return `${names[which]}: ${change}; ${records.length} read`;
  },
};

/** Draws a figure; a `WorkbenchError` is allowed, because the record may lack the data. */
function drawn(draw: () => unknown): void {
  try {
    draw();
  } catch (error) {
    if (!(error instanceof Error) || !/Workbench|Invalid|Unknown/.test(error.name)) throw error;
  }
}
