/** Records a corpus: prompts, takes, export. */
export function CorpusRecorder() {
  return <p>Recording a corpus is not available in this version.</p>;
}
