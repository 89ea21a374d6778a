import type { DownloadReport } from './options';

/** A finished download in words: what came from where, and what was left out or could not be had. */
export function describeDownload({
  corpus,
  status,
  clips,
  directory,
  sources,
  ignored,
  missingSideFiles,
}: DownloadReport): string[] {
  const lines = [
    status === 'already complete'
      ? `${corpus}: complete already, in ${directory}`
      : `${corpus}: ${clips.toLocaleString('en-US')} clips from ${sources.join(' and ')}, every one verified, in ${directory}`,
  ];
  if (ignored.length > 0) {
    lines.push(
      `  left out, not of the original corpus: ${ignored.length} files (${ignored.slice(0, 3).join(', ')} …)`,
    );
  }
  if (missingSideFiles.length > 0) {
    lines.push(`  not to be had now: ${missingSideFiles.join(', ')}; the same command tries again`);
  }
  return lines;
}
