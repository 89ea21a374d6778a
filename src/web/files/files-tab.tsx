/** Predictions for files. */
export function FilesTab() {
  return <p>Files</p>;
}
