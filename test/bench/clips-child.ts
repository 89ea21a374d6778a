import { formatLoadReport, loadCorpora } from '../../src/node/corpora';

/** What one process measured. */
export interface ClipsRun {
  clips: number;
  corpora: number;
  loadSec: number;
  /** processor time, all threads */
  cpuSec: number;
  /** of the report as text */
  reportSec: number;
  peakRssMb: number;
}

/** Loads a data folder and writes its report. */
async function measure(root: string, cacheDirectory: string): Promise<ClipsRun> {
  const started = performance.now();
  const { clips, report } = await loadCorpora({ root, cacheDirectory });
  const loaded = performance.now();
  formatLoadReport(report);
  const ended = performance.now();
  const { user, system } = process.cpuUsage();
  return {
    clips: clips.length,
    corpora: report.corpora.length,
    loadSec: (loaded - started) / 1000,
    cpuSec: (user + system) / 1e6,
    reportSec: (ended - loaded) / 1000,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

const [root, cacheDirectory] = process.argv.slice(2);
void measure(root, cacheDirectory).then((run) => {
  console.log(JSON.stringify(run));
});
