export { compactCnn, type CompactCnnOptions } from './compact-cnn';
export { logMelCnn, type LogMelCnnOptions } from './log-mel-cnn';
export { type LayerCost, modelCost } from './model-cost';
export type { NetworkShape } from './network-options';
export { paperCnn } from './paper-cnn';
export { cnnLstm, lstmStack, type RecurrentOptions } from './recurrent';
