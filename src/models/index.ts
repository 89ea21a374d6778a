export { compactCnn, type CompactCnnOptions } from './compact-cnn';
export { type NetworkShape } from './network-options';
export { paperCnn } from './paper-cnn';
