export { type DemoCorpusReport, makeDemoCorpus, type MakeDemoCorpusOptions } from './make';
export { type DemoMarker, demoMarkerFile, isDemoCorpusCurrent, readDemoMarker } from './marker';
export { demoVersion } from './version';
