export { type BundleFile, type BundleFiles, type BundleReader, type MemberFolder, openBundle, writeBundleFiles } from './bundle-files';
export { bundleOf, ensembleBundleOf } from './create-bundle';
export { findBundles, type FoundBundle, newestBundle } from './find-bundles';
export { loadOneHot, loadScaler, preparationFromJson, savePreparation } from './preparation-file';
export { publishModel, type PublishOptions } from './publish-model';
export { bundleOfRun, saveModels } from './save-models';
