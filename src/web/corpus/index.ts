export { CorpusRecorder } from './corpus-recorder';
