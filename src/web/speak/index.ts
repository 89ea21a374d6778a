export { SpeakTab } from './speak-tab';
