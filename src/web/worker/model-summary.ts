import { underProtocol, protocolText, scoreText } from '../../core/evaluation';
import {
  isEnsemble,
  type Model,
  type Predictor,
  protocolNote,
  scoresInCard,
  trainingCorpora,
} from '../../core/prediction';
import type { ModelPlace, ModelSummary } from './protocol';

/** What the page shows of a model, from the model's own files. */
export function modelSummary(model: Model, predictor: Predictor, place: ModelPlace): ModelSummary {
  const { card, threshold } = model;
  const members = isEnsemble(model) ? model.members : [model];
  const [{ config }] = members;
  const under = underProtocol(config.dataset.protocol, protocolNote(config.dataset));
  const { pooled } = scoresInCard(card);
  const { speakers, date, notFor } = card;
  return {
    ...place,
    classes: predictor.classes,
    window: predictor.window,
    threshold,
    members: members.length,
    trainedOn: trainingCorpora(card),
    protocolText: protocolText(under),
    isLeaky: under.isLeaky,
    scores: pooled ? [`UAR ${scoreText('uar', pooled.uar)}`] : [],
    ...(typeof speakers === 'number' && { speakers }),
    knowsRanges: card.recordings !== undefined,
    notFor: Array.isArray(notFor) ? notFor.filter((use) => typeof use === 'string') : [],
    ...(typeof date === 'string' && { date: date.slice(0, 10) }),
  };
}
