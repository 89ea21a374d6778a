/** How well probabilities fit labels: loss, accuracy and unweighted average recall over the classes that occur. */
export function validationScores(
  probabilities: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
): { loss: number; accuracy: number; uar: number } {
  const counts = new Float64Array(classes);
  const right = new Float64Array(classes);
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const label = labels[row];
    loss -= Math.log(Math.max(1e-7, own[label]));
    counts[label]++;
    if (own.indexOf(Math.max(...own)) === label) right[label]++;
  }
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  const recalls = right.map((value, label) => (counts[label] > 0 ? value / counts[label] : 0));
  return {
    loss: loss / labels.length,
    accuracy: sum(right) / labels.length,
    uar: sum(recalls) / counts.filter((count) => count > 0).length,
  };
}
