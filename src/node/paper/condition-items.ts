import { formatCount } from '../../core/base';
import { conditionCells } from '../../core/evaluation';
import { conditionsFigure } from '../../core/figures';
import { findModels } from '../models';
import { paths } from '../files';
import { type DrawnItem, galleryTable } from './gallery-item';

/** The published model under recording conditions, from its card. */
export const conditionsItem: DrawnItem = {
  name: 'conditions',
  about:
    'the published model with another level, on the telephone, with noise, in a room and with other durations',
  from: 'nothing',
  draw: () => {
    const published = findModels([paths.models]).find(({ card }) => card.conditions);
    if (!published) return 'no published model with scores under recording conditions';
    const { conditions, name, clips } = published.card;
    const report = conditions!;
    const title = 'Accuracy of the published model under recording conditions';
    const source = `${String(name)}, trained on ${formatCount(Number(clips))} clips; ${formatCount(report.rows[0].clips)} test clips of ${report.split}`;
    const [columns, ...rows] = conditionCells(report);
    return {
      figure: conditionsFigure([{ name: 'speakers', ...report }], { title, source }),
      table: galleryTable({ title, source, protocol: report.protocolLabel }, columns, rows),
    };
  },
};
