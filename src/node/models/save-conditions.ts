import type { ConditionsReport } from '../../core/evaluation';
import { checkedCard } from '../../core/prediction';
import { withConditions } from './model-card';
import { openModelFolder, writeModelFolder } from './model-folder';

/**
 * Adds the scores under recording conditions to the card of a saved model, and to its README.md if it is published.
 *
 * @param folder - of the model
 * @throws InvalidFileError if the model is damaged or cannot be written
 */
export function saveConditions(folder: string, report: ConditionsReport): void {
  const source = openModelFolder(folder);
  const files = new Map(source.all());
  const card = { ...source.json('card.json', checkedCard), conditions: report };
  files.set('card.json', JSON.stringify(card, null, 2));
  const readme = files.get('README.md');
  if (readme !== undefined) {
    const text = typeof readme === 'string' ? readme : new TextDecoder().decode(readme);
    files.set('README.md', withConditions(text, card));
  }
  writeModelFolder(folder, files);
}
