import { WorkbenchError } from '../../core/base';
import type { ProtocolName } from '../../core/dataset';
import {
  type ClassScores,
  confusionMatrix,
  isWorstClear,
  metrics,
  paper,
  protocolMark,
  protocolTable,
  protocolText,
  reportFromMatrix,
  scoreWithDagger,
  type SliceName,
  type Slices,
  underProtocol,
} from '../../core/evaluation';
import {
  confusionMatrixFigure,
  protocolComparisonFigure,
  protocolWaterfallFigure,
  slicesFigure,
  trainingCurvesFigure,
} from '../../core/figures';
import { type PaperFigures, paperRows, recordSource, type StoredRun } from '../runs';
import { claimLedger, formatLedger, recordedLedgerRun } from './claim-ledger';
import {
  type DrawnRun,
  type FigureRuns,
  type FoundRun,
  modelDifferences,
  requireSameData,
  runsByModel,
  scored,
  type ScoredRun,
} from './figure-runs';
import { galleryTable, type RunItem } from './gallery-item';

/** The paper's figures are drawn for two runs. */
const paperFigureRuns = [
  { protocol: 'paper-rows', key: 'paper' },
  { protocol: 'speakers', key: 'speakers' },
] as const satisfies readonly { protocol: ProtocolName; key: keyof FigureRuns }[];

const sliceFiles: Partial<Record<SliceName, string>> = {
  sex: 'sex',
  ageBand: 'age',
  race: 'race',
  intensity: 'intensity',
  duration: 'duration',
};

/** The paper's figures and tables of scores, under its own protocol and under `speakers`; the waterfall; and the slices. */
export const runItems: readonly RunItem[] = [
  ...paperFigureRuns.flatMap(({ protocol, key }): RunItem[] => {
    const mark = protocolMark(underProtocol(protocol));
    const item = (name: string, about: string, draw: (run: ScoredRun) => ReturnType<RunItem['draw']>) => ({
      name: `${name}-${protocol}`,
      about: `${about}, under ${mark}`,
      from: 'runs' as const,
      pick: (runs: FigureRuns) => only(runs[key], protocol),
      draw: ([run]: readonly DrawnRun[]) => draw(scored(run)),
    });
    return [
      item('table-2-predictions', 'Table II: actual and predicted emotions', tableII),
      item('fig-9-confusion', 'Fig. 9: confusion matrix', fig9),
      item('table-3-report', 'Table III: classification report', tableIII),
      item('fig-10-curves', 'Fig. 10: loss and accuracy', fig10),
    ];
  }),
  {
    name: 'protocol-waterfall',
    about: 'one model or several under each protocol, pooled and by corpus',
    from: 'runs',
    pick: ({ waterfall: steps }) => (steps.length > 1 ? steps : tooFewProtocols),
    draw: (runs) => waterfall(runs.map(scored)),
  },
  {
    name: 'claim-ledger',
    about: 'each number in the paper, compared with its committed notebook and with this project',
    from: 'runs',
    pick: ({ paper: leaky, speakers }) =>
      leaky && speakers ? [leaky, speakers] : missingRun(leaky ? 'speakers' : 'paper-rows'),
    draw: (runs) => {
      requireSameData(runs);
      const title = 'The numbers of the paper, its committed notebook and this project';
      const source = recordSource(scored(runs[0]));
      const ledger = formatLedger(claimLedger(runs.map(recordedLedgerRun)));
      return { table: { title, source, markdown: `**${title}**\n\n${ledger}` } };
    },
  },
  ...Object.entries(sliceFiles).map(([by, file]): RunItem => ({
    name: `slices-${file}`,
    about: `scores by ${file}, on new speakers`,
    from: 'runs',
    pick: ({ speakers }) => only(speakers, 'speakers'),
    draw: ([run]) => {
      const record = scored(run);
      return { figure: slicesFigure(slicesOf(run, by as SliceName), { source: sourceOf(record) }) };
    },
  })),
  {
    name: 'slices',
    about: 'scores by sex, age, race, intensity and duration',
    from: 'runs',
    pick: ({ speakers }) => only(speakers, 'speakers'),
    draw: ([run]) => slicesTable(scored(run), run),
  },
];

function only(run: FoundRun | undefined, protocol: ProtocolName): FoundRun[] | string {
  return run ? [run] : missingRun(protocol);
}

const missingRun = (protocol: ProtocolName): string => `no finished run under ${protocol}`;

/** Reason for leaving out a comparison of protocols. */
export const tooFewProtocols = 'fewer than two protocols have a finished run';

function sourceOf(run: ScoredRun): string {
  const { model, training, name } = run.config;
  const epochs = run.splits.some(({ history }) => history.length > 0) ? `, ${training.epochs} epochs` : '';
  return `${recordSource(run)}; preset ${name}: ${model.kind} network${epochs}`;
}

function tableII(run: ScoredRun): ReturnType<RunItem['draw']> {
  const rows = run.stored ? paperRows(run.stored) : run.figures.first.rows;
  if (!rows)
    throw new WorkbenchError(`${run.file} was written by an older version and has no first test rows`);
  const caption = {
    title: `Table II. ${rows.length} shuffled test rows, actual and predicted emotion: ${protocolMark(run.report)}`,
    source: sourceOf(run),
    protocol: protocolText(run.report),
  };
  const columns = ['clip', 'actual', 'predicted', 'correct', 'probability'];
  const lines = rows.map(({ clip, actual, predicted, right, probability }) => [
    ...[clip, actual, predicted, right ? 'yes' : 'no'],
    probability.toFixed(2),
  ]);
  return { table: galleryTable(caption, columns, lines) };
}

function matrixOf({ report, figures, stored }: ScoredRun) {
  if (stored) return confusionMatrix(stored);
  const { protocol, protocolLabel, isLeaky } = report;
  const { classes, confusion }: PaperFigures = figures;
  return { protocol, protocolLabel, isLeaky, classes, counts: Int32Array.from(confusion) };
}

function fig9(run: ScoredRun): ReturnType<RunItem['draw']> {
  const title = `Fig. 9. Confusion matrix: ${protocolMark(run.report)}`;
  return { figure: confusionMatrixFigure(matrixOf(run), { source: sourceOf(run), title }) };
}

function tableIII(run: ScoredRun): ReturnType<RunItem['draw']> {
  const { classes, macro, weighted, rows, accuracy } = reportFromMatrix(matrixOf(run));
  const { protocol } = run.report;
  // The paper's scores are comparable only under its own protocol.
  const paperColumn = (text: string): string[] => (protocol === 'paper-rows' ? [text] : []);
  const line = (
    name: string,
    { precision, recall, f1 }: Pick<ClassScores, 'precision' | 'recall' | 'f1'>,
    support: number,
    published = '',
  ) => [
    ...[name, ...[precision, recall, f1].map((value) => value.toFixed(2)), support],
    ...paperColumn(published),
  ];
  const caption = {
    title: `Table III. Classification report: ${protocolMark(run.report)}`,
    source: sourceOf(run),
    protocol: protocolText(run.report),
  };
  const heading = ['emotion', 'precision', 'recall', 'F1', 'rows', ...paperColumn('F1 in the paper')];
  const { scores } = run.report.pooled;
  return {
    table: galleryTable(caption, heading, [
      ...classes.map((one) => line(one.emotion, one, one.support, paper.f1[one.emotion].toFixed(2))),
      ['accuracy', '', '', accuracy.toFixed(2), rows, ...paperColumn(paper.accuracy.toFixed(2))],
      line('macro average', macro, rows),
      line('weighted average', weighted, rows),
      ['UAR, with interval', '', scoreWithDagger('uar', scores.uar!), '', rows, ...paperColumn('not given')],
    ]),
  };
}

function fig10(run: ScoredRun): ReturnType<RunItem['draw']> {
  const trained = run.splits.filter(({ history }) => history.length > 0);
  if (trained.length === 0)
    throw new WorkbenchError(`${run.file} has no training epochs (model ${run.config.model.kind})`);
  return {
    figure: trainingCurvesFigure(
      trained.map(({ name, history }) => ({ name, history })),
      {
        title: `Fig. 10. Loss and accuracy during training: ${protocolMark(run.report)}`,
        source: sourceOf(run),
        protocol: run.report,
        bestBy: run.config.training.monitor,
      },
    ),
  };
}

/** A model under each protocol; several models side by side, if each has at least two protocols. */
function waterfall(runs: readonly ScoredRun[]): ReturnType<RunItem['draw']> {
  requireSameData(runs);
  const byModel = runsByModel(runs);
  if (byModel.length > 1 && byModel.some((own) => own.length === 1)) {
    throw new WorkbenchError(
      `the runs are of different models: they differ in ${modelDifferences(runs).join(', ')}`,
    );
  }
  const models = byModel.map((own) => ({
    name: own[0].config.name,
    steps: own.map(({ report, figures: { siblingShare } }) => ({ report, siblingShare })),
  }));
  const isOne = models.length === 1;
  const title = isOne ? 'The same model under each protocol' : 'What is left under each protocol';
  const source = isOne ? sourceOf(runs[0]) : recordSource(runs[0]);
  const rows = models.flatMap(({ name, steps }) =>
    protocolTable(steps, { withDaggers: true }).map((row): Record<string, string | number | undefined> =>
      isOne ? row : { preset: name, ...row },
    ),
  );
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const labels = [...new Set(runs.map(({ report }) => protocolText(report)))].join('; ');
  return {
    figure: isOne
      ? protocolWaterfallFigure(models[0].steps, { source, title })
      : protocolComparisonFigure(models, { source, title }),
    table: galleryTable(
      { title: `${title}, with intervals`, source, protocol: labels },
      columns,
      rows.map((row) => columns.map((column) => row[column])),
    ),
  };
}

function slicesOf({ file, slices = [] }: StoredRun, by: SliceName): Slices {
  const found = slices.find((one) => one.by === by);
  if (!found) throw new WorkbenchError(`${file} has no scores by ${sliceFiles[by] ?? by}`);
  return found;
}

function slicesTable(record: ScoredRun, { file, slices = [] }: StoredRun): ReturnType<RunItem['draw']> {
  if (slices.length === 0) throw new WorkbenchError(`${file} has no scores by group`);
  const caption = {
    title: `Scores by group: ${protocolMark(record.report)}`,
    source: sourceOf(record),
    protocol: protocolText(record.report),
  };
  const names = ['uar', 'accuracy'] as const;
  const columns = ['by', 'group', 'clips', 'speakers', ...names.map((name) => metrics[name].title), 'note'];
  return {
    table: galleryTable(
      caption,
      columns,
      slices.flatMap((each) =>
        each.groups.map((group) => [
          ...[sliceFiles[each.by] ?? each.by, group.name, group.clips, group.speakers],
          ...names.map((name) => scoreWithDagger(name, group[name])),
          group.name === each.worst
            ? `lowest${isWorstClear(each) ? '' : ', intervals overlap'}`
            : group.isTooSmall
              ? 'too few clips to rank'
              : '',
        ]),
      ),
    ),
  };
}
