export { classesOf } from './classes-of';
export { committedFoldOptions, readCommittedFolds } from './committed-folds';
export { makeSplits, type ProtocolOptions, type Split } from './make-splits';
export {
  type Overlap,
  type ProtocolCard,
  protocolCards,
  type ProtocolName,
  protocolNames,
} from './protocols';
export { sentenceOf } from './sentence-of';
export { writeCommittedFolds } from './write-committed-folds';
