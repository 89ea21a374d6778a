export { addNoise } from './add-noise';
export { addPaperNoise } from './add-paper-noise';
export { augment, type Augmentation, paperVersions } from './augmentation';
export { pitch } from './pitch';
export { shift } from './shift';
export { stretch } from './stretch';
