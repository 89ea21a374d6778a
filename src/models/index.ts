export { createBaseline, restoreBaseline } from './baseline';
export { type BaselineKind, baselineKinds, type Classifier, type ClassifierState } from './classifier';
export { knnClassifier } from './knn';
export { majorityClassifier } from './majority';
export { svmClassifier, type SvmOptions } from './svm';
